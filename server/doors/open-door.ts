/** Opens the door of a server from its options. If other machines reach the server, TLS and a token are the default. */
import {lookup} from 'node:dns/promises';
import type {JangadaError} from '../../protocol/errors.ts';
import {stateFolder} from '../../protocol/program/user-folders.ts';
import {isLoopback} from '../audience.ts';
import type {Door} from './door.ts';
import {TlsDoor, type TlsFiles} from './tls-door.ts';
import {ensureOwnTokens, ownTokensFile} from './tokens/own-tokens.ts';
import {TokenBook} from './tokens/token-book.ts';

export type DoorOptions = {
  /** Use TLS even if only this machine reaches the server. */
  tls?: true;
  /** The user's own key and certificate. */
  tlsFiles?: TlsFiles;
  /** Accept TLS 1.2, too. */
  allowsTls12?: true;
  /** No TLS, even if other machines reach the server. */
  insecure?: true;
  tokenFile?: string;
  noToken?: true;
};

type DoorSurroundings = {
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  environment: Readonly<Record<string, string | undefined>>;
  /** Called when the server can no longer read the token file. */
  onFault: (error: JangadaError) => void;
};

/** @throws JangadaError for files that cannot be made, read or used. */
export function openDoor(options: DoorOptions, surroundings: DoorSurroundings): Door {
  const {environment, isLocal, onFault} = surroundings;
  const {allowsTls12 = false, insecure, noToken, tls, tlsFiles, tokenFile} = options;
  const hasTls = tls === true || tlsFiles !== undefined || !(isLocal || insecure === true);
  const hasToken = noToken === undefined && (hasTls || !isLocal || tokenFile !== undefined);
  if (!hasTls && !hasToken) {
    return {};
  }

  const folder = stateFolder(environment);
  const ownFile = ownTokensFile(folder);
  if (hasToken && tokenFile === undefined) {
    ensureOwnTokens(ownFile);
  }

  return {
    tls: hasTls ? new TlsDoor({from: tlsFiles ?? {folder}, allows12: allowsTls12}) : undefined,
    tokens: hasToken ? new TokenBook(tokenFile ?? ownFile, onFault) : undefined,
    showsToken: tokenFile === undefined,
  };
}

/** Whether only this machine reaches `host`. If `host` has no address, listening fails later with a message. */
export async function isReachedLocally(host: string): Promise<boolean> {
  try {
    const addresses = await lookup(host, {all: true});
    return addresses.every(({address}) => isLoopback(address));
  } catch {
    return false;
  }
}
