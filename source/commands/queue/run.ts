/** `queue run`: fetches the queued files, one server after the other, until none is left. */
import {displayName} from '../../../protocol/display-text.ts';
import {type ErrorCode, isJangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {LimitSettings} from '../../transfers/queue/queue.ts';
import {askedLimits} from '../arguments/asked-limits.ts';
import {openChecksums} from '../checksums/open-checksums.ts';
import {continuation} from '../continuation.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome, outcomeOf} from '../results/outcome.ts';
import {errorEvent} from '../transfer/events.ts';
import {TransferReport} from '../transfer/report.ts';
import {inStore} from './in-store.ts';
import {runServer} from './run-server.ts';
import {chosenServer} from './server-name.ts';

export function queueRun(job: Job): Promise<Outcome> {
  return inStore(job, store => run(store, job));
}

async function run(store: QueueStore, job: Job): Promise<Outcome> {
  const {options, output, json, signal} = job;
  await using checksums = await openChecksums(job);
  const report = new TransferReport({output, json: options.json, single: false, checksums});
  const limits = new LimitSettings(askedLimits(options), store.limits);
  const {codes} = report.tally;
  const gaveUp = async (code: ErrorCode, message: string) => {
    codes.add(code);
    output.error(displayName(message));
    if (options.json) {
      await output.result(errorEvent(code, message));
    }
  };

  try {
    for (const server of waitingServers(store, chosenServer(options))) {
      try {
        await runServer(server, store, {job, report, limits, gaveUp});
      } catch (error) {
        if (!isJangadaError(error) || error.code === 'aborted') {
          throw error;
        }

        await gaveUp(error.code, error.message);
      }

      if (signal.aborted) {
        break;
      }
    }
  } catch (error) {
    if (!isJangadaError(error, 'aborted')) {
      throw error;
    }
  } finally {
    const summary = await report.end(signal.aborted, undefined);
    json?.tell(summary);
  }

  if (signal.aborted) {
    const again = continuation({...job, inputs: ['run']}, {command: 'queue'});
    const message = `Interrupted. What has arrived is kept; to go on: ${again}`;
    output.error(message);
    return outcomeOf('aborted', message);
  }

  if (report.tally.asked === 0 && codes.size === 0) {
    output.notice('The queue has nothing to fetch');
  }

  return commonOutcome(codes);
}

/** Servers with waiting transfers, each once; at the end, servers that got new transfers meanwhile. */
function* waitingServers(store: QueueStore, only: string | undefined): Generator<string> {
  const tried = new Set<string>();
  for (;;) {
    const next = (only === undefined ? store.servers() : [only]).find(
      server => !tried.has(server) && store.hasWork(server),
    );
    if (next === undefined) {
      return;
    }

    tried.add(next);
    yield next;
  }
}
