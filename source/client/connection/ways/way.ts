/** A way to a server carries bytes in both directions, and reports its events. */
import type {Buffer} from 'node:buffer';

/** This side's end of a way. */
export type Way = {
  readonly destroyed: boolean;
  write(bytes: Uint8Array): unknown;
  /** Read again, after `read` has returned false. */
  resume(): unknown;
  destroy(): unknown;
};

/** Facts about a TLS session that both ends know, and nobody in between. */
export type TlsSession = {
  /** SHA-256 of the server's certificate, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Exported keying material of this session. */
  readonly exporter: Buffer;
};

export type WayEvents = {
  /** Bytes may be sent. Over TLS this is called once the server's certificate is known. */
  open(session: TlsSession | undefined): void;
  /** The memory for the next bytes. */
  room(): Buffer;
  /** `count` bytes have been written into `buffer`, which `room` returned. @returns whether to continue reading. */
  read(count: number, buffer: Uint8Array): boolean;
  /** A JangadaError, or an error of the system. */
  failed(error: Error): void;
  /** The server has closed its side: no more bytes will arrive. */
  ended(): void;
  /** The way is closed, whatever was reported before. */
  closed(): void;
};
