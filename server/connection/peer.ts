import {displayName} from '../../protocol/display-text.ts';

/** The other end of a connection, as limits, places and the log know it. */
export type Peer = {
  /** IP address in its usual form; another name if there is no network. */
  address: string;
  /** Undefined if there is no network. */
  port: number | undefined;
};

/** For the log. */
export function peerName({address, port}: Peer): string {
  return `${displayName(address)}${port === undefined ? '' : `:${port}`}`;
}
