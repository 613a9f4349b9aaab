import {join} from 'node:path';
import {type Address, formatAddress, isSameServer, schemeOf} from '../../../protocol/address.ts';
import type {Candidate} from '../../../protocol/completion/answer.ts';
import {stateFolder} from '../../../protocol/program/user-folders.ts';
import type {KnownServer} from '../../servers/known-server.ts';
import {readServersFile} from '../../servers/servers-file.ts';
import {sshHosts} from '../../servers/ssh-config.ts';

/**
 * The addresses of known servers, with the names of bookmarks beside them: bookmarks, recent servers, and the hosts in
 * the configuration of ssh. They have a scheme if `begun` has one.
 *
 * @throws JangadaError `local_io`, `usage`.
 */
export function knownAddresses(begun: string, environment: NodeJS.ProcessEnv): Candidate[] {
  const known = readServersFile(join(stateFolder(environment), 'servers.json')) ?? [];
  const hosts: KnownServer[] = sshHosts()
    .filter(address => !known.some(server => isSameServer(server.address, address)))
    .map(address => ({address, usedMs: undefined, label: undefined}));
  const hasScheme = schemeOf(begun) !== undefined;
  return [...known, ...hosts].flatMap(({address, label}) => {
    const whole = formatAddress(address);
    const about = label ?? (address.scheme === 'ssh' ? 'over ssh' : 'used before');
    const texts = hasScheme || !isPlain(address) ? [whole] : [whole, withoutScheme(whole)];
    return texts.map(text => ({text, about}));
  });
}

/** Without a scheme, jangada reads an address as one of these. */
function isPlain({scheme}: Address): boolean {
  return scheme === 'jangada';
}

function withoutScheme(address: string): string {
  return address.replace(/^[^:]*:\/\//, '');
}
