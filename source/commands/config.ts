/** `config`: prints where the configuration is, and each setting in force with its origin. */
import {displayName} from '../../protocol/display-text.ts';
import {mistakeLine} from '../config/config.ts';
import {
  type Chosen,
  coloursInForce,
  keysInForce,
  lookInForce,
  noticesInForce,
  type Origin,
  transfersInForce,
} from '../config/in-force.ts';
import type {Job} from './job.ts';
import {allDone, type Outcome, outcomeOf} from './results/outcome.ts';

export async function config(job: Job): Promise<Outcome> {
  const {config, output, json} = job;
  const rows = rowsOf(job);
  const {file, exists, mistakes} = config;
  if (json === undefined) {
    const place =
      file === undefined ? 'No folder for the configuration is known' : displayName(file);
    const state = exists ? '' : ' (it does not exist)';
    const width = Math.max(...rows.map(({name}) => name.length));
    const values = Math.max(...rows.map(({value}) => shown(value).length));
    const lines = rows.map(
      ({name, value, from}) =>
        `${name.padEnd(width)}  ${shown(value).padEnd(values)}  ${originWords(from)}`,
    );
    await output.result([`${place}${state}`, '', ...lines, ''].join('\n'));
  } else {
    await json.add(rows.map(({name, value, from}) => ({name, value, ...originJson(from)})));
    await json.close();
    json.tell({file: file ?? null, exists, mistakes});
  }

  for (const mistake of mistakes) {
    output.error(mistakeLine(config, mistake));
  }

  const [first] = mistakes;
  const code = first?.line === undefined ? 'local_io' : 'usage';
  return first === undefined ? allDone : outcomeOf(code, output.toldError);
}

type Setting = {readonly name: string} & Chosen<unknown>;

function rowsOf({config, environment, options}: Job): Setting[] {
  const {compress, onConflict, ...limits} = transfersInForce(config, options.written);
  return [
    ...named('', lookInForce(config, environment, options.written)),
    ...named('colours.', coloursInForce(config)),
    ...named('keys.', keysInForce(config)),
    ...named('limits.', limits),
    ...named('', {compress, onConflict}),
    ...named('notices.', noticesInForce(config)),
  ];
}

function shown(value: unknown): string {
  const words = Array.isArray(value) ? value.join(' ') || 'none' : value;
  return displayName(typeof words === 'string' ? words : JSON.stringify(words));
}

function named(section: string, settings: Readonly<Record<string, Chosen<unknown>>>): Setting[] {
  return Object.entries(settings).map(([name, chosen]) => ({name: `${section}${name}`, ...chosen}));
}

function originWords(from: Origin): string {
  switch (from.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `line ${from.line}`;
    case 'environment':
      return from.variable;
    case 'option':
      return from.option;
  }
}

/** docs/commands.md documents the fields; they must not change. */
function originJson(from: Origin): object {
  const {kind, ...rest} = from;
  return {from: kind, ...rest};
}
