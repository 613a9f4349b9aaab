#!/usr/bin/env node
/** `jangada-server [ROOT]`: serve a folder or a bucket until a signal ends it. */
import '../protocol/program/node/refuse-old-node.ts';
import process from 'node:process';
import {type Logger, pino} from 'pino';
import {complete, completeWord} from '../protocol/completion/complete.ts';
import {completionScript, isShell} from '../protocol/completion/scripts.ts';
import {displayName} from '../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../protocol/errors.ts';
import {absolutePath, leaveDeletedFolder, leaveFolder} from '../protocol/program/local-path.ts';
import {type CliOptions, parseCliOptions, type StdioCliOptions} from './arguments/cli-options.ts';
import {completions} from './arguments/completions.ts';
import {helpText} from './arguments/help-text.ts';
import {startCluster} from './cluster/keeper.ts';
import type {Door} from './doors/door.ts';
import {isReachedLocally, openDoor} from './doors/open-door.ts';
import {endProcess} from './end-process.ts';
import {hangUp, hearHangup} from './hangup.ts';
import {openShelf} from './indexes/shelves/open-shelf.ts';
import {inheritedSocket} from './inherited-socket.ts';
import {describeListenError} from './listen-errors.ts';
import {noCounts} from './metrics/counts.ts';
import type {MetricsPort} from './metrics/metrics-port.ts';
import {openMetrics} from './metrics/open-metrics.ts';
import {loggedError} from './output/logged-error.ts';
import {keptDigests} from './roots/kept-digests.ts';
import {type RunningServer, type ServerOptions, startServer} from './server.ts';
import {rawArguments} from './stdio/raw-path.ts';
import type {StdioServer} from './stdio/serve-stdio.ts';
import {isBucketUrl} from './store/bucket/s3/bucket-place.ts';
import {tokenCommand} from './token-command.ts';
import {version} from './version.ts';

await main(rawArguments(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<void> {
  const [first = '', ...rest] = argv;
  if (first === completeWord) {
    process.stdout.write(await complete(rest, completions));
    return;
  }

  if (first === 'token') {
    token(rest);
    return;
  }

  // Without more words, it is the name of a folder to serve.
  const [shell = ''] = rest;
  if (first === 'completion' && rest.length === 1 && isShell(shell)) {
    process.stdout.write(completionScript(shell, 'jangada-server'));
    return;
  }

  let options: CliOptions;
  try {
    options = parseCliOptions(argv);
  } catch (error) {
    fail(error, 2);
    return;
  }

  if (options.show !== undefined) {
    process.stdout.write(`${options.show === 'help' ? helpText() : version()}\n`);
    return;
  }

  await (options.stdio ? serveOne(options) : serve(options));
}

/** Serve the one client at standard input and output. */
async function serveOne(options: StdioCliOptions): Promise<void> {
  const {digests, logLevel, restrict, root: folder, ...rest} = options;
  const logger = pino({level: logLevel}, pino.destination({dest: 2, sync: true}));
  const {serveStdio, stdioRoot} = await import('./stdio/serve-stdio.ts');
  let server: StdioServer;
  try {
    const root = stdioRoot(folder, restrict);
    (import.meta.url.endsWith('.ts') ? leaveDeletedFolder : leaveFolder)();
    const shelf = openShelf(digests, root, process.env);
    server = serveStdio({...rest, root, shelf, logger});
  } catch (error) {
    fail(error, isJangadaError(error, 'usage') ? 2 : 1);
    return;
  }

  stopOnSignals(server, logger);
  await server.ended;
  endProcess(logger);
}

function token(words: readonly string[]): void {
  if (words.some(word => word === '--help' || word === '-h')) {
    process.stdout.write(`${helpText()}\n`);
    return;
  }

  try {
    process.stdout.write(tokenCommand(words, process.env));
  } catch (error) {
    fail(error, isJangadaError(error, 'usage') ? 2 : 1);
  }
}

async function serve(options: Extract<CliOptions, {host: string}>): Promise<void> {
  const {
    digests,
    door: doorOptions,
    logLevel,
    metrics: metricsAt,
    processes = 1,
    root: folder,
    ...rest
  } = options;
  const onHangup = hearHangup();
  // Write log lines synchronously, so that none is lost when the process ends.
  const lines = pino.destination({dest: 2, sync: true});
  const logger = pino({level: logLevel}, lines);
  let server: RunningServer;
  let door: Door;
  let metrics: MetricsPort | undefined;
  const counts = noCounts();
  // Not every log level shows this, but the user who starts the server has to know.
  const warn = (text: string) => {
    logger.warn(text);
    if (!logger.isLevelEnabled('warn')) {
      process.stderr.write(`jangada-server: ${text}\n`);
    }
  };
  try {
    const root = isBucketUrl(folder) ? folder : absolutePath(folder, 'DIR');
    // When the program runs from source, threads find their loader through the current folder.
    (import.meta.url.endsWith('.ts') ? leaveDeletedFolder : leaveFolder)();
    const descriptor = inheritedSocket(process.env);
    // Behind a balancer, clients come from anywhere.
    const isAlone = descriptor === undefined && options.trustProxy === undefined;
    const isLocal = isAlone && (await isReachedLocally(options.host));
    door = openDoor(doorOptions, {
      isLocal,
      environment: process.env,
      onFault: error => logger.error({code: error.code}, displayName(error.message)),
    });
    refuseClassic(options, door);
    if (metricsAt !== undefined) {
      metrics = await openMetrics(metricsAt, {counts, logger, warn});
    }

    const all = {...rest, counts, root, door, logger, descriptor};
    server =
      processes === 1
        ? await startServer({...all, ...keptDigests(digests, root, process.env)})
        : await startCluster({...all, processes, digests, doorOptions, isLocal, logLevel});
  } catch (error) {
    await metrics?.close();
    const described = isJangadaError(error) ? error : describeListenError(error, options);
    fail(described, isJangadaError(error, 'usage') ? 2 : 1);
    return;
  }

  // An unexpected error in one client's request must not end the other connections.
  process.on('uncaughtException', error => {
    logger.error(loggedError(error), 'unexpected error');
  });
  const stop = stopOnSignals(server, logger);
  onHangup(() =>
    hangUp({
      ...{door, logger, isInWindow: process.stderr.isTTY},
      reload: () => server.reload(),
      stop() {
        // A closing window may send the signal twice. Nobody sees what is written to it, and writing fails.
        onHangup(() => {});
        lines.on('error', () => {});
        stop('SIGTERM');
      },
    }),
  );
  if (server.audience.isOpen && !logger.isLevelEnabled('warn')) {
    // The log does not show this, but the user who starts the server has to know.
    process.stderr.write(`jangada-server: serving to ${server.audience.text}\n`);
  }

  if (process.getuid?.() === 0 && !isBucketUrl(folder)) {
    logger.warn('running as root: clients can read every file below the folder that root can read');
  }

  process.stdout.write(`${server.address}\n`);
}

/** @throws JangadaError `usage` if the server wants TLS or a token, which old clients do not support. */
function refuseClassic({classic}: Pick<ServerOptions, 'classic'>, {tls, tokens}: Door): void {
  if (classic !== undefined && (tls ?? tokens) !== undefined) {
    throw new JangadaError(
      'usage',
      '--classic works only without TLS and tokens, which old clients do not support. ' +
        'Leave out --classic; or add --insecure --no-token, and everybody who can reach this address can read the files',
    );
  }
}

/** The first signal lets running answers finish; the second one ends the process at once. */
function stopOnSignals(
  server: {close(): Promise<void>},
  logger: Logger,
): (signal: NodeJS.Signals) => void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // `process.exit` would wait for threads whose disk calls hang.
    const end = () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      return process.kill(process.pid, signal);
    };
    if (stopping) {
      end();
      return;
    }

    stopping = true;
    server.close().then(
      () => endProcess(logger, end),
      (error: unknown) => fail(error, 1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stop;
}

/** Print the error in one line, and set the exit status. */
function fail(error: unknown, status: 1 | 2): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`jangada-server: ${displayName(message)}\n`);
  process.exitCode = status;
}
