import {encodePath, percentDecode, schemeOf} from '../../../protocol/address.ts';
import type {Candidate} from '../../../protocol/completion/answer.ts';
import type {Entry} from '../../../protocol/messages.ts';
import {Client} from '../../client/client.ts';
import type {Trust} from '../../client/connection/identity.ts';
import {Identities} from '../../identities/identities.ts';
import {type CommandName, commandOf} from '../arguments/catalogue.ts';
import {type Options, readOptions} from '../arguments/option-values.ts';
import {folderPath} from '../arguments/remote-argument.ts';
import {remoteInputs} from '../arguments/remote-inputs.ts';
import {isEntryName} from '../list/entry-name.ts';
import type {Asked} from './asked.ts';
import {knownAddresses} from './known-addresses.ts';

/** A user waits for the answer at a prompt. */
const deadlineMs = 1000;

/**
 * Names on the server that begin with the typed text, in the form of that text: below a folder, as an address, as an
 * exclude. The connection uses what jangada already knows of the server: it asks no question and remembers nothing. A
 * server of ssh:// is not asked at all: ssh would take longer and could ask a question. All names or none: a user would
 * take a part for all.
 *
 * @throws JangadaError for a server that does not answer in time, or has an unexpected identity.
 */
export async function remoteNames(
  command: CommandName,
  {begun, isBehindDashes, raw}: Asked,
  environment: NodeJS.ProcessEnv,
): Promise<Candidate[]> {
  const hasMasks = commandOf(command).usage.includes('MASK');
  const sign = hasMasks && begun.startsWith('!') ? '!' : '';
  const [, head = '', tail = ''] = /^(.*\/)?([^/]*)$/s.exec(begun.slice(sign.length)) ?? [];
  const isAddress = schemeOf(head) !== undefined;
  if (isAddress && /^[^/]*\/\/$/.test(head)) {
    return knownAddresses(begun, environment).map(({text, about}) => ({text: `${text}/`, about}));
  }

  const {server, tokenFile, fingerprint} = raw;
  const options = readOptions('list', {server, tokenFile, fingerprint}, environment);
  const asked = remoteInputs('list', head === '' ? [] : [head], options);
  if (asked.options.server.scheme === 'ssh') {
    return [];
  }

  const start = isAddress ? percentDecode(tail) : tail;
  const entries = await namesIn(asked.inputs[0] ?? '', start, asked.options, environment);
  return entries
    .filter(({name}) => !(hasMasks && `${sign}${head}` === '' && name.startsWith('!')))
    .map(({name, type}) => {
      const isFolder = type === 'folder';
      // `hash` would read the digits after the last colon as a length.
      const end = isFolder ? '/' : command === 'hash' && /:\d+$/.test(name) ? ':' : '';
      // With a dash in front the name would be an option.
      const front = head === '' && name.startsWith('-') && !isBehindDashes ? '/' : '';
      return {text: `${sign}${front}${head}${isAddress ? encodePath(name) : name}${end}`};
    });
}

/** Files and folders in `folder` whose names begin with `start`. */
async function namesIn(
  folder: string,
  start: string,
  {server, others, token}: Options,
  environment: NodeJS.ProcessEnv,
): Promise<Entry[]> {
  const path = folderPath(server.path, folder);
  const signal = AbortSignal.timeout(deadlineMs);
  const known = new Identities({
    environment,
    token: token === undefined ? undefined : {text: token, servers: [server, ...others]},
    onFault: () => {},
  });
  // Without `confirm` and `connected`, the client asks no question and remembers nothing.
  const trust: Trust = {
    tokenFor: asked => known.tokenFor(asked),
    fingerprintFor: asked => known.fingerprintFor(asked),
  };
  const found: Entry[] = [];
  await using client = new Client(server, {others, connections: 1, retries: 0, trust});
  for await (const batch of client.list(path, {signal})) {
    found.push(...batch.filter(entry => isWanted(entry, start)));
  }

  return found;
}

function isWanted({name, type}: Entry, start: string): boolean {
  return isEntryName(name) && type !== 'other' && name.startsWith(start);
}
