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

/** A user waits for it at a prompt. */
const deadlineMs = 1000;

/**
 * Names on the server that begin with what is typed, written as that is: below a folder, as an address, as an exclude.
 * The server is asked with what is known of it already: nobody is asked anything, and nothing is remembered. Over ssh it is not
 * asked at all, as ssh would take longer and could ask. All of them or none: a part would be taken for all.
 *
 * @throws JangadaError for a server that does not answer in time, or is not the one that is meant.
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
      // Digits behind its last colon would be taken for a length.
      const end = isFolder ? '/' : command === 'hash' && /:\d+$/.test(name) ? ':' : '';
      // A dash in front would make it an option.
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
  // Without `confirm` and `connected` nobody is asked, and nothing is remembered.
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
