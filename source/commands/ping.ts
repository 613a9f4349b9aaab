/** `ping`: asks the server whether it is ready, as balancers do. */
import {formatAddress} from '../../protocol/address.ts';
import type {ReadinessState} from '../../protocol/readiness.ts';
import {rootPath} from '../../protocol/remote-path.ts';
import {askReadiness} from '../client/ask-readiness.ts';
import type {Job} from './job.ts';
import {allDone, type Outcome, outcomeOf} from './results/outcome.ts';

const sentences: Readonly<Record<Exclude<ReadinessState, 'ready'>, string>> = {
  draining: 'The server is about to stop',
  unreadable: 'The server cannot read its folder, or cannot read it in time',
};

export async function ping(job: Job): Promise<Outcome> {
  const {client, json, output, signal, ssh} = job;
  await client.login({signal});
  const startedAt = performance.now();
  const state = await askReadiness(client.address, {signal, ssh});
  const ms = Math.round(performance.now() - startedAt);
  const server = formatAddress({...client.address, path: rootPath});
  if (json === undefined) {
    await output.result(`${state}  ${ms} ms  ${server}\n`);
  } else {
    json.tell({server, state, ms});
  }

  return state === 'ready' ? allDone : outcomeOf('busy', sentences[state]);
}
