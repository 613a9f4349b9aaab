/** Tells a jangada-server from other programs that listen on a port, by the first bytes that it sends. */
import {Buffer} from 'node:buffer';
import {type Address, serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {frameKinds, maxControlPayload} from '../../../protocol/frame.ts';
import {ungreeted} from './link-error.ts';
import {ServerLeaving} from './server-leaving.ts';

/** Most bytes that are kept of a server that has not greeted. */
const mostBytes = 256;
/** Most characters of a foreign server's text that are shown. */
const mostShown = 60;

export class Opening {
  #bytes = Buffer.alloc(0);

  /** Keep the first of `bytes`, which arrived before a greeting. */
  heard(bytes: Uint8Array): void {
    if (this.#bytes.length < mostBytes) {
      this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(0, mostBytes);
    }
  }

  /** Explains why there was no greeting, for a connection that ended with `reason`. */
  whyUngreeted(address: Address, reason: JangadaError): JangadaError {
    if (reason instanceof ServerLeaving) {
      return reason;
    }

    const isOwn = reason.code === 'aborted' || reason.code === 'untrusted';
    const foreign = isOwn ? undefined : this.foreignAt(address, reason);
    return foreign ?? (reason.code === 'connection_lost' ? ungreeted(address, reason) : reason);
  }

  /** The error `unreachable` if a jangada-server never sends such bytes; undefined if it may send them. */
  foreignAt(address: Address, cause: JangadaError): JangadaError | undefined {
    const how = foreignAnswer(this.#bytes);
    if (how === undefined) {
      return undefined;
    }

    if (address.scheme === 'ssh') {
      const brief = `its shell writes ${how.replace(/^with /, '')} before the server begins`;
      return new JangadaError(
        'unreachable',
        `No connection to ${displayName(serverName(address))}: ${brief}. ` +
          'Change its start-up files (such as .bashrc) so that they print only to a terminal',
        {brief, cause},
      );
    }

    const what = `is not a jangada-server (it answered ${how})`;
    return new JangadaError(
      'unreachable',
      `The program that listens on ${displayName(serverName(address))} ${what}. Check the address`,
      {brief: `it ${what}`, cause},
    );
  }
}

/**
 * Describes in a few words, safe to show, how a server that begins with `bytes` answers. Undefined if `bytes` can be
 * the beginning of a greeting or of an error frame.
 */
export function foreignAnswer(bytes: Buffer): string | undefined {
  if (mayBeFrame(bytes)) {
    return undefined;
  }

  const text = bytes.toString('utf8');
  if (/^HTTP\/|^\s*<(?:!doctype|html|\?xml)/i.test(text)) {
    return 'like HTTP';
  }

  if (/^SSH-/.test(text)) {
    return 'like ssh';
  }

  // A TLS record: its type, then the version 3.x. An alert has seven bytes in all.
  const [type = 0, major, minor = 0] = bytes;
  if (type >= 0x14 && type <= 0x18 && major === 3 && minor <= 4) {
    return 'like TLS';
  }

  const line = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  return /^\P{Cc}+$/u.test(line) && !line.includes('\ufffd')
    ? `with the text '${displayName(shortened(line))}'`
    : 'with unknown bytes';
}

function shortened(line: string): string {
  const characters = [...line];
  return characters.length > mostShown ? `${characters.slice(0, mostShown).join('')}…` : line;
}

/** Whether `bytes` (perhaps few or none) can be the beginning of a `hello` or `error` frame. */
function mayBeFrame(bytes: Buffer): boolean {
  const length = Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(4)]).readUInt32BE(0);
  const kind = bytes[4];
  const isKind = kind === undefined || kind === frameKinds.hello || kind === frameKinds.error;
  return length <= maxControlPayload && isKind;
}
