/** TLS on the server's side: the certificate, which can be reloaded, and TLS sockets. */
import {X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {join} from 'node:path';
import {createSecureContext, type SecureContext, TLSSocket} from 'node:tls';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {ciphersOfTls13} from '../../protocol/login.ts';
import {readPrivateFile, writePrivateFile} from '../../protocol/program/private-file.ts';
import {underLock} from '../../protocol/program/under-lock.ts';
import type {ClientSocket} from '../connection/client-socket.ts';
import {type KeyAndCertificate, makeCertificate} from './certificate.ts';

export type TlsFiles = {key: string; certificate: string};

type TlsDoorOptions = {
  /** Files of a key and a certificate in PEM, or the folder for state in which this server keeps its own. */
  from: TlsFiles | {folder: string};
  /** Whether to accept TLS 1.2, too. */
  allows12: boolean;
};

const ciphers12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

export class TlsDoor {
  readonly #options: TlsDoorOptions;
  #context: SecureContext;
  #fingerprint: string;

  /** @throws JangadaError `forbidden` or `bad_request` for files that are unreadable or invalid. */
  constructor(options: TlsDoorOptions) {
    this.#options = options;
    const loaded = load(options);
    this.#context = loaded.context;
    this.#fingerprint = loaded.fingerprint;
  }

  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  /** Read the files again, for later connections. @throws as the constructor does; then nothing changes. */
  reload(): void {
    const {context, fingerprint} = load(this.#options);
    this.#context = context;
    this.#fingerprint = fingerprint;
  }

  /** Wrap `socket` in TLS; the result emits `secure` when the handshake is complete. */
  secure(socket: ClientSocket): TLSSocket {
    // `TLSSocket` accepts any duplex stream, although its type names sockets only.
    return new TLSSocket(socket as Socket, {isServer: true, secureContext: this.#context});
  }
}

function load({allows12, from}: TlsDoorOptions): {context: SecureContext; fingerprint: string} {
  const {key, certificate} = 'folder' in from ? ownCertificate(from.folder) : readFiles(from);
  try {
    const context = createSecureContext({
      key,
      cert: certificate,
      minVersion: allows12 ? 'TLSv1.2' : 'TLSv1.3',
      ciphers: [...ciphersOfTls13, ...(allows12 ? ciphers12 : [])].join(':'),
      honorCipherOrder: true,
    });
    const fingerprint = new X509Certificate(certificate).fingerprint256;
    return {context, fingerprint: fingerprint.replaceAll(':', '').toLowerCase()};
  } catch (error) {
    throw new JangadaError(
      'bad_request',
      `The key and the certificate cannot be used (${displayName(error instanceof Error ? error.message : String(error))}). ` +
        'Both must be in PEM format and belong together',
      {cause: error},
    );
  }
}

/** The certificate of this user's servers; creates it if it does not exist. */
function ownCertificate(folder: string): KeyAndCertificate {
  const file = join(folder, 'server-certificate.pem');
  const read = () => {
    const text = readPrivateFile(file);
    return text === undefined ? undefined : {key: text, certificate: text};
  };
  const make = () => {
    const made = makeCertificate();
    writePrivateFile(file, `${made.key}${made.certificate}`, 'JANGADA_STATE');
    return made;
  };
  // Another server may start at the same moment.
  return read() ?? underLock(file, () => read() ?? make());
}

function readFiles({certificate, key}: TlsFiles): KeyAndCertificate {
  return {key: readText('--tls-key', key), certificate: readText('--tls-cert', certificate)};
}

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new JangadaError(
      'forbidden',
      `${option}: '${displayName(file)}' cannot be read (${systemErrorCode(error) ?? 'unknown error'})`,
      {cause: error},
    );
  }
}
