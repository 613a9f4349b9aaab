/** `hash --root FILE`: the root digest of a file, as `--expect` takes it. */
import {type DigestAlgorithm, digestAlgorithms} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {pathToWire, type RemotePath} from '../../protocol/remote-path.ts';
import {rootOfLocalFile} from '../transfers/download/verify.ts';
import {formatExpectedContent} from '../transfers/terms/expected-content.ts';
import {connect} from './connect.ts';
import {named} from './errors/named-error.ts';
import {count} from './format.ts';
import type {Job} from './job.ts';
import {Activity} from './progress/activity.ts';
import {allDone, type Outcome, outcomeOf} from './results/outcome.ts';

/** `root`: in the printed form. */
type Rooted = {root: string; size: number};

type Input = {name: string; remotePath: RemotePath; length: number | undefined};

/** @throws JangadaError `usage` with a length, or with an algorithm that cannot make a root digest. */
export async function hashRoot(job: Job, {name, remotePath, length}: Input): Promise<Outcome> {
  const {client, output, json, signal} = job;
  if (length !== undefined) {
    throw new JangadaError('usage', '--root hashes a whole file: leave out LENGTH');
  }

  const asked = askedAlgorithm(job);
  await connect(client, signal);
  const algorithm = asked ?? (await client.digestAlgorithm({signal}));
  const {there, here} = await rootBoth(job, {name, remotePath, algorithm});
  const equal = here === undefined ? undefined : here.root === there.root;
  const said =
    here === undefined
      ? `${there.root}  ${displayName(name)}`
      : verdict(job, name, there, here, equal === true);
  if (json !== undefined) {
    const local = {file: job.options.written.compare, ...here};
    json.tell({
      ...{path: pathToWire(remotePath), algorithm, ...there},
      ...(here === undefined ? {} : {local, equal}),
    });
  } else if (here === undefined || !output.quiet) {
    await output.result(`${said}\n`);
  }

  return equal === false ? outcomeOf('differs', said) : allDone;
}

/** Undefined: the algorithm that downloads use. @throws JangadaError `usage`. */
function askedAlgorithm({options}: Job): DigestAlgorithm | undefined {
  const {algorithm, written} = options;
  const known = digestAlgorithms.find(one => one === algorithm);
  if (known === undefined) {
    const names = digestAlgorithms.join(' or ');
    throw new JangadaError(
      'usage',
      `A root digest cannot use ${algorithm}: write --root --algorithm ${names}`,
    );
  }

  return written.algorithm === undefined ? undefined : known;
}

/** Hash both sides at the same time; the first failure stops the other side. */
async function rootBoth(
  {client, options, output, signal: interrupted}: Job,
  {name, remotePath, algorithm}: {name: string; remotePath: RemotePath; algorithm: DigestAlgorithm},
): Promise<{there: Rooted; here: Rooted | undefined}> {
  const {compare} = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupted, stop.signal]);
  using activity = new Activity(output);
  try {
    const [{root, size}, here] = await Promise.all([
      // Ask for no digests, only for the root digest of all.
      client.digests(remotePath, {
        ...{from: 0, to: 0, algorithm, signal},
        onProgress: ({done, total}) => activity.show('hashing', name, done, total),
      }),
      compare === undefined ? undefined : rootOfLocalFile(compare, algorithm, {signal}),
    ]);
    if (root === undefined) {
      throw new JangadaError('protocol', 'The server did not send the root digest');
    }

    return {
      there: inWords(algorithm, root, size),
      here: here && inWords(algorithm, here.root, here.size),
    };
  } catch (error) {
    throw named(error, remotePath);
  } finally {
    stop.abort();
  }
}

function inWords(algorithm: DigestAlgorithm, hex: string, size: number): Rooted {
  return {root: formatExpectedContent({kind: 'root', algorithm, hex}), size};
}

function verdict(
  {options}: Job,
  name: string,
  there: Rooted,
  here: Rooted,
  equal: boolean,
): string {
  const [remote, local] = [displayName(name), displayName(String(options.written.compare))];
  return equal
    ? `${remote}: equal to ${local}, ${count(there.size, 'byte')}, ${there.root}`
    : `${remote}: differs from ${local} (there ${there.root} of ${count(there.size, 'byte')}, ` +
        `here ${here.root} of ${count(here.size, 'byte')})`;
}
