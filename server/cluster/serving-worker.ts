/** A process that serves connections which the keeper of its server hands to it. */

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

/** How often the keeper is told what was counted, in milliseconds. */
const countsEveryMs = 1000;

// Of sockets that are handed over nothing else can be set.
setDefaultHighWaterMark(false, writeAhead);

// The port is gone, and so is all that is decided over the processes: nobody finds this one any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// A terminal, and some managers of services, send them to each process. The keeper says what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {});
}

process.once('message', async message => {
  // The keeper is of the same program, and begins with this.
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
  // An error that was overlooked in one client's request must not end the others.
  process.on('uncaughtException', error => {
    logger.error(loggedError(error), 'something was overlooked');
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
    // Its client has left on the way.
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
    logger.error(loggedError(error), 'the certificate cannot be read: the one before stays');
  }
}

function tell(message: FromServing): void {
  if (process.connected) {
    process.send?.(message, () => {
      // If it cannot be told the keeper is gone, and this process ends in a moment.
    });
  }
}
