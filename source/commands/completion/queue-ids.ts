import {join} from 'node:path';
import type {Candidate} from '../../../protocol/completion/answer.ts';
import {stateFolder} from '../../../protocol/program/user-folders.ts';
import {glanceAtQueue} from '../../transfers/database/sqlite/glance-at-queue.ts';
import type {CommandName} from '../arguments/catalogue.ts';

const unfinished = ['queued', 'running', 'paused', 'failed'];

/** For each command, the states of transfers that it can change, and the word that stands for all of them. */
const choices: Partial<Record<CommandName, {states: readonly string[]; all?: string}>> = {
  'queue pause': {states: ['queued', 'running'], all: 'all'},
  'queue resume': {states: ['paused'], all: 'all'},
  'queue priority': {states: unfinished, all: 'all'},
  'queue move': {states: ['queued', 'running', 'paused']},
  'queue cancel': {states: unfinished},
  'queue retry': {states: ['failed', 'canceled'], all: 'failed'},
};

/** IDs of transfers for `command`, with the state and the path of each, and the word for all. */
export function queueIds(command: CommandName, environment: NodeJS.ProcessEnv): Candidate[] {
  const choice = choices[command];
  if (choice === undefined) {
    return [];
  }

  const rows = glanceAtQueue(join(stateFolder(environment), 'queue.db'), choice.states);
  return [
    ...rows.map(({id, state, path}) => ({text: String(id), about: `${state}  ${path}`})),
    ...(choice.all === undefined ? [] : [{text: choice.all, about: 'all of them'}]),
  ];
}
