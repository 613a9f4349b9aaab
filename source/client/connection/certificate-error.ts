import {type Server, serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/** A server shows an unknown certificate, or another one than before. */
export class CertificateError extends JangadaError {
  readonly server: Server;
  /** SHA-256 of the certificate that the server shows, in 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** SHA-256 of the expected certificate; undefined if none is known. */
  readonly expected: string | undefined;

  constructor(server: Server, fingerprint: string, expected: string | undefined) {
    const name = displayName(serverName(server));
    super(
      'untrusted',
      expected === undefined
        ? `The certificate of ${name} is unknown: sha256:${fingerprint}. ` +
            'If jangada-server prints the same fingerprint on that machine, add --fingerprint with it, or use the whole address that jangada-server printed'
        : `${name} shows the certificate sha256:${fingerprint}, but sha256:${expected} is expected. ` +
            'Another machine may be intercepting the connection; nothing was sent. ' +
            'If the server has a new certificate, use the whole address that jangada-server prints now; ' +
            'the file known-servers, beside the configuration, may still have the old one',
      {
        brief:
          expected === undefined ? 'its certificate is unknown' : 'its certificate has changed',
      },
    );
    this.server = server;
    this.fingerprint = fingerprint;
    this.expected = expected;
  }
}
