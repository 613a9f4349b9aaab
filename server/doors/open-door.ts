/** The door of a server from its options: on an address that others reach, TLS and a token unless told otherwise. */
import {lookup} from 'node:dns/promises';
import type {JangadaError} from '../../protocol/errors.ts';
import {stateFolder} from '../../protocol/program/user-folders.ts';
import {isLoopback} from '../audience.ts';
import type {Door} from './door.ts';
import {TlsDoor, type TlsFiles} from './tls-door.ts';
import {ensureOwnTokens, ownTokensFile} from './tokens/own-tokens.ts';
import {TokenBook} from './tokens/token-book.ts';

export type DoorOptions = {
  /** TLS also where only this machine reaches the server. */
  tls?: true;
  /** A key and a certificate that somebody else has made. */
  tlsFiles?: TlsFiles;
  /** TLS 1.2, too. */
  allowsTls12?: true;
  /** No TLS, whoever reaches the server. */
  insecure?: true;
  tokenFile?: string;
  noToken?: true;
};

type DoorSurroundings = {
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  environment: Readonly<Record<string, string | undefined>>;
  /** Told when the file of tokens cannot be read any more. */
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

/** Whether `host` stands for this machine alone. One that cannot be looked up is told when listening fails. */
export async function isReachedLocally(host: string): Promise<boolean> {
  try {
    const addresses = await lookup(host, {all: true});
    return addresses.every(({address}) => isLoopback(address));
  } catch {
    return false;
  }
}
