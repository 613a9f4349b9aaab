/** Opens the full screen with all that it needs: the queue of this user, the known servers, the limits. */
import {join} from 'node:path';
import type {Address} from '../protocol/address.ts';
import {isTransient} from '../protocol/errors.ts';
import {stateFolder} from '../protocol/program/user-folders.ts';
import {Client} from './client/client.ts';
import type {CertificateError} from './client/connection/certificate-error.ts';
import {Ssh} from './client/connection/ways/ssh/ssh.ts';
import {askedLimits} from './commands/arguments/asked-limits.ts';
import type {Options} from './commands/arguments/option-values.ts';
import {askAboutCertificate} from './commands/certificate-question.ts';
import {connect} from './commands/connect.ts';
import type {Config} from './config/config.ts';
import {screenSettings} from './config/screen-settings.ts';
import {Identities} from './identities/identities.ts';
import {KeptLinesFile} from './kept-lines.ts';
import type {SavedFiles} from './servers/saved-files.ts';
import {ServerBook} from './servers/server-book.ts';
import {Sessions} from './servers/sessions.ts';
import {sshHosts} from './servers/ssh-config.ts';
import {openQueueStore} from './transfers/database/open-queue-store.ts';
import {LimitSettings} from './transfers/queue/queue.ts';
import {runTui} from './tui/run-tui.tsx';
import {plural} from './tui/text/format.ts';
import {shortFolder} from './tui/text/home.ts';

type Surroundings = {
  readonly environment: NodeJS.ProcessEnv;
  /** Waits until `shown` has ended; called while only the screen may handle unexpected errors. */
  readonly meanwhile: (shown: () => Promise<void>) => Promise<void>;
};

/**
 * Resolves when the user has quit and everything is closed.
 *
 * @throws JangadaError `untrusted`, `unauthorized` if the server has an unexpected identity, or refuses; as `runTui`.
 */
export async function openScreen(
  options: Options,
  config: Config,
  {environment, meanwhile}: Surroundings,
): Promise<void> {
  const {server, others, isServerGiven, to, mouse, written, compress} = options;
  const {store, notice} = openQueueStore(environment);
  using _store = store;
  // Without a database there is no folder for the state either.
  const state = store === undefined ? undefined : stateFolder(environment);
  const book = new ServerBook(state, Date.now, sshHosts);
  const kept =
    state === undefined ? {} : {kept: new KeptLinesFile(join(state, 'commands.history'))};
  const limits = new LimitSettings(askedLimits(options), store?.limits);
  const retries = written.retries === undefined ? undefined : options.retries;
  await using ssh = new Ssh(options.ssh);
  ssh.endOnSignals();
  // The folder of the configuration may be read-only: then servers are not remembered, and used all the same.
  const faults = new Set<string>();
  if (isServerGiven && [server, ...others].some(({scheme}) => scheme !== 'jangada')) {
    // Questions about a certificate, or of ssh, are asked before the screen opens, where the user has time to read
    // them.
    const trust = identitiesFor(options, environment, faults, askBeforeTheScreen);
    await settleIdentity(server, {others, trust, ssh});
  }

  // The screen asks the question in a line of its own.
  const identities = identitiesFor(options, environment, faults);
  await using sessions = new Sessions({identities, limits, store, retries, compress, ssh});
  const start = isServerGiven
    ? {session: sessions.begin(server, others), path: server.path}
    : undefined;
  const {settings, complaint: ofConfig} = screenSettings(config, environment, written);
  const [fault] = faults;
  const complaint = fault === undefined ? ofConfig : {complaint: fault, ...ofConfig};
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
  // Files that were arriving are saved by now, or stay in the queue.
  await sessions.end();
  if (sessions.saved.count > 0) {
    process.stderr.write(savedLine(sessions.saved));
  }

  for (const fault of faults) {
    process.stderr.write(`${fault}\n`);
  }
}

/** What was saved and where: the screen that showed it is gone. */
function savedLine({count, place}: SavedFiles): string {
  const where = shortFolder(place);
  return `Saved ${count === 1 ? where : `${plural(count, 'file')} in ${where}`}\n`;
}

type Ask = (error: CertificateError, signal: AbortSignal) => Promise<boolean>;

/** @param faults gets a sentence about what could not be remembered. */
function identitiesFor(
  {server, others, token}: Options,
  environment: NodeJS.ProcessEnv,
  faults: Set<string>,
  ask?: Ask,
): Identities {
  return new Identities({
    environment,
    token: token === undefined ? undefined : {text: token, servers: [server, ...others]},
    ask,
    onFault(error) {
      faults.add(error.message);
    },
  });
}

const askBeforeTheScreen: Ask = (error, signal) =>
  askAboutCertificate(error, {
    prompt: text => void process.stderr.write(text),
    input: process.stdin,
    signal,
  });

/**
 * Confirm the identity of the server, and log in with ssh, if the server can be reached.
 *
 * @throws JangadaError `untrusted`, `unauthorized`, `local_io`.
 */
async function settleIdentity(
  server: Address,
  tools: {others: readonly Address[]; trust: Identities; ssh: Ssh},
): Promise<void> {
  await using client = new Client(server, {retries: 0, ...tools});
  try {
    await connect(client, new AbortController().signal);
  } catch (error) {
    // A server that cannot be reached now is tried again while the screen is shown.
    if (!isTransient(error)) {
      throw error;
    }
  }
}
