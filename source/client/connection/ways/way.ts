/** A way to a server: bytes out and in, and what becomes of it. */
import type {Buffer} from 'node:buffer';

/** The end of a way on this side. */
export type Way = {
  readonly destroyed: boolean;
  write(bytes: Uint8Array): unknown;
  /** Read on, after `read` said to wait. */
  resume(): unknown;
  destroy(): unknown;
};

/** What both ends know of one session of TLS, and nobody in between. */
export type TlsSession = {
  /** SHA-256 of the server's certificate, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Keying material of this session. */
  readonly exporter: Buffer;
};

export type WayEvents = {
  /** Bytes may be sent; over TLS, after it is known which certificate the server has. */
  open(session: TlsSession | undefined): void;
  /** The memory in which the next bytes have to land. */
  room(): Buffer;
  /** `count` bytes have come into `buffer`, which `room` gave. @returns whether to read on. */
  read(count: number, buffer: Uint8Array): boolean;
  /** A JangadaError, or an error of the system. */
  failed(error: Error): void;
  /** The server sends no more. */
  ended(): void;
  /** It is over, whatever was said before. */
  closed(): void;
};
