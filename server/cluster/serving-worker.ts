/** The program of a serving process: it serves the connections that the keeper passes to it. */

import type {Socket} from 'node:net';
import process from 'node:process';
import {setDefaultHighWaterMark} from 'node:stream';
import {type Logger, pino} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import type {Door} from '../doors/door.ts';
import {openDoor} from '../doors/open-door.ts';
import {endProcess} from '../end-process.ts';
import {noCounts} from '../metrics/counts.ts';
import {loggedError} from '../output/logged-error.ts';
import {writeAhead} from '../port.ts';
import {keptDigests} from '../roots/kept-digests.ts';
import {Serving} from '../serving.ts';
import {KeptMeans} from './kept-means.ts';
import type {Beginning, FromServing, ToServing} from './messages.ts';

/** How often the process sends its counters to the keeper, in milliseconds. */
const countsEveryMs = 1000;

// For a socket that comes from another process, only this default can set the mark.
setDefaultHighWaterMark(false, writeAhead);

// The keeper is gone, and with it the port and the shared limits: no client can reach this process any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// A terminal and some service managers send these signals to every process. The keeper alone acts on them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {});
}

process.once('message', async message => {
  // The keeper is the same program, and sends this message first.
  const {beginning} = message as Extract<ToServing, {do: 'begin'}>;
  const logger = pino({level: beginning.logLevel}, pino.destination({dest: 2, sync: true})).child({
    process: beginning.process,
  });
  try {
    await begin(beginning, logger);
  } catch (error) {
    const [code, message] = isJangadaError(error)
      ? ([error.code, error.message] as const)
      : (['internal', error instanceof Error ? error.message : String(error)] as const);
    process.send?.({tell: 'failed', code, message} satisfies FromServing, () => process.exit(1));
  }
});

async function begin(beginning: Beginning, logger: Logger): Promise<void> {
  const {classic, deadlines, digests, isLocal, root, s3Endpoint, trustProxy, workers} = beginning;
  const means = new KeptMeans(beginning, tell);
  const door = openDoor(beginning.door, {
    isLocal,
    environment: process.env,
    onFault: error => logger.error({code: error.code}, displayName(error.message)),
  });
  const counts = noCounts();
  setInterval(() => tell({tell: 'counts', counts}), countsEveryMs).unref();
  const serving = new Serving(
    {
      root,
      door,
      counts,
      s3Endpoint,
      ...keptDigests(digests, root, process.env),
      ...(workers === undefined ? {} : {workers}),
      ...(trustProxy === undefined ? {} : {trustProxy}),
      ...(classic === undefined ? {} : {classic}),
      ...(deadlines === undefined ? {} : {deadlines}),
    },
    logger,
    means,
  );
  // An unexpected error in one client's request must not end the other connections.
  process.on('uncaughtException', error => {
    logger.error(loggedError(error), 'unexpected error');
  });
  process.on('message', (told, socket) => {
    const message = told as ToServing;
    switch (message.do) {
      case 'serve':
        serve(serving, socket as Socket | undefined);
        break;
      case 'reload':
        reload(door, logger);
        break;
      case 'drain':
        serving.drain();
        break;
      case 'stop':
        void serving.close(message.graceMs).then(() => endProcess(logger));
        break;
      default:
        means.hear(message);
    }
  });
  await serving.check();
  tell({tell: 'serving'});
}

function serve(serving: Serving, socket: Socket | undefined): void {
  if (socket === undefined) {
    // The client has left before its socket arrived here.
    tell({tell: 'closed'});
    return;
  }

  socket.once('close', () => tell({tell: 'closed'}));
  serving.add(socket);
}

function reload({tls}: Door, logger: Logger): void {
  try {
    tls?.reload();
  } catch (error) {
    logger.error(loggedError(error), 'cannot read the certificate: the previous one stays in use');
  }
}

function tell(message: FromServing): void {
  if (process.connected) {
    process.send?.(message, () => {
      // If sending fails, the keeper is gone, and this process is about to end.
    });
  }
}
