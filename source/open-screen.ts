/** The full screen with all that it works on: the queue of this user, the known servers, the limits. */
import {join} from 'node:path';
import {isTransient} from '../protocol/errors.ts';
import {stateFolder} from '../protocol/program/user-folders.ts';
import type {Client} from './client/client.ts';
import {Ssh} from './client/connection/ways/ssh/ssh.ts';
import {askedLimits} from './commands/arguments/asked-limits.ts';
import type {Options} from './commands/arguments/option-values.ts';
import type {Config} from './config/config.ts';
import {screenSettings} from './config/screen-settings.ts';
import {KeptLinesFile} from './kept-lines.ts';
import {ServerBook} from './servers/server-book.ts';
import {Sessions} from './servers/sessions.ts';
import {sshHosts} from './servers/ssh-config.ts';
import {openQueueStore} from './transfers/database/open-queue-store.ts';
import {LimitSettings} from './transfers/queue/queue.ts';
import {runTui} from './tui/run-tui.tsx';

type Surroundings = {
  readonly environment: NodeJS.ProcessEnv;
  /** Waits until `shown` has ended; called while nothing but the screen may answer to errors. */
  readonly meanwhile: (shown: () => Promise<void>) => Promise<void>;
};

/**
 * Resolves when the user has quit, and all that was open is closed.
 *
 * @throws as `runTui`.
 */
export async function openScreen(
  options: Options,
  config: Config,
  {environment, meanwhile}: Surroundings,
): Promise<void> {
  const {server, isServerGiven, to, mouse, written} = options;
  const {store, notice} = openQueueStore(environment);
  using _store = store;
  // Without the one, there is no place for the other.
  const state = store === undefined ? undefined : stateFolder(environment);
  const book = new ServerBook(state, Date.now, sshHosts);
  const kept =
    state === undefined ? {} : {kept: new KeptLinesFile(join(state, 'commands.history'))};
  const limits = new LimitSettings(askedLimits(options), store?.limits);
  const retries = written.retries === undefined ? undefined : options.retries;
  await using ssh = new Ssh(options.ssh);
  await using sessions = new Sessions({limits, store, retries, ssh});
  const start = isServerGiven ? {session: sessions.begin(server), path: server.path} : undefined;
  if (start !== undefined) {
    await logIn(start.session.client);
  }

  const {settings, complaint} = screenSettings(config, environment, written);
  const run = settings.screenReader ? (await import('./tui/run-reader.ts')).runReader : runTui;
  await meanwhile(() =>
    run({
      sessions,
      book,
      folder: to,
      mouse: mouse && settings.mouse,
      settings,
      ...kept,
      ...(start === undefined ? {} : {start}),
      ...(notice === undefined ? {} : {notice}),
      ...complaint,
    }),
  );
}

/** Let ssh ask for what it has to know while the terminal is free. @throws as `Client.login`, if trying again does not help. */
async function logIn(client: Client): Promise<void> {
  try {
    await client.login();
  } catch (error) {
    // The screen shows a server that is not there, and tries it until it is.
    if (!isTransient(error)) {
      throw error;
    }
  }
}
