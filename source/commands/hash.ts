/** `hash FILE[:LENGTH]`: the digest of the first bytes of a file, or with `--root` its root digest. */
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {pathToWire, type RemotePath} from '../../protocol/remote-path.ts';
import {hashLocalFile} from '../transfers/download/verify.ts';
import {filePath} from './arguments/remote-argument.ts';
import {connect} from './connect.ts';
import {named} from './errors/named-error.ts';
import {count} from './format.ts';
import {hashRoot} from './hash-root.ts';
import type {Job} from './job.ts';
import {Activity} from './progress/activity.ts';
import {allDone, type Outcome, outcomeOf} from './results/outcome.ts';

type Hashed = {digest: string; length: number};

export async function hash(job: Job): Promise<Outcome> {
  const {client, inputs, options, output, json, signal} = job;
  const {name, length} = splitLength(inputs[0] ?? '');
  const remotePath = filePath(options.server.path, name);
  if (options.root) {
    return hashRoot(job, {name, remotePath, length});
  }

  await connect(client, signal);
  const {there, here} = await hashBoth(job, remotePath, name, length);
  if (length !== undefined && there.length < length) {
    output.notice(
      `jangada: ${displayName(name)} has ${count(there.length, 'byte')} only: all of them are hashed`,
    );
  }

  const equal =
    here === undefined ? undefined : here.digest === there.digest && here.length === there.length;
  const said =
    here === undefined
      ? `${there.digest}  ${displayName(name)}`
      : verdict(job, name, there, here, equal === true);
  if (json !== undefined) {
    json.tell(documentOf(job, remotePath, there, here, equal));
  } else if (here === undefined || !output.quiet) {
    await output.result(`${said}\n`);
  }

  return equal === false ? outcomeOf('differs', said) : allDone;
}

/** Hash both sides at the same time; the first failure stops the other side. */
async function hashBoth(
  {client, options, output, signal}: Job,
  remotePath: RemotePath,
  name: string,
  length: number | undefined,
): Promise<{there: Hashed & {size: number}; here: Hashed | undefined}> {
  const {algorithm, compare} = options;
  const stop = new AbortController();
  const common = {
    algorithm,
    signal: AbortSignal.any([signal, stop.signal]),
    ...(length === undefined ? {} : {length}),
  };
  using activity = new Activity(output);
  try {
    const [there, here] = await Promise.all([
      client.hash(remotePath, {
        ...common,
        onProgress: ({done, total}) => activity.show('hashing', name, done, total),
      }),
      compare === undefined ? undefined : hashLocalFile(compare, common),
    ]);
    return {there, here};
  } catch (error) {
    throw named(error, remotePath);
  } finally {
    stop.abort();
  }
}

function documentOf(
  {options}: Job,
  remotePath: RemotePath,
  there: Hashed & {size: number},
  here: Hashed | undefined,
  equal: boolean | undefined,
): object {
  const {digest, length, size} = there;
  return {
    path: pathToWire(remotePath),
    algorithm: options.algorithm,
    digest,
    length,
    size,
    ...(here === undefined
      ? {}
      : {local: {file: options.written.compare, digest: here.digest, length: here.length}, equal}),
  };
}

function verdict(
  {options}: Job,
  name: string,
  there: Hashed,
  here: Hashed,
  equal: boolean,
): string {
  const [remote, local] = [displayName(name), displayName(String(options.written.compare))];
  return equal
    ? `${remote}: equal to ${local}, ${count(there.length, 'byte')}, ${options.algorithm} ${there.digest}`
    : `${remote}: differs from ${local} (${options.algorithm} there ${there.digest} of ` +
        `${count(there.length, 'byte')}, here ${here.digest} of ${count(here.length, 'byte')})`;
}

/** Split FILE:LENGTH: digits after the last colon are a length; a colon at the very end is removed. */
export function splitLength(input: string): {name: string; length: number | undefined} {
  const parts = /^(?<name>.*):(?<digits>\d*)$/s.exec(input)?.groups;
  const {name = input, digits = ''} = parts ?? {};
  if (digits === '') {
    return {name, length: undefined};
  }

  const length = Number(digits);
  if (!Number.isSafeInteger(length)) {
    throw new JangadaError(
      'usage',
      `Invalid LENGTH '${displayName(digits)}': use a number of bytes, at most ${Number.MAX_SAFE_INTEGER}`,
    );
  }

  return {name, length};
}
