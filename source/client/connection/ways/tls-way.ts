/** TLS with servers that are known by a token or by their certificate. Certificate authorities are not used. */
import {Buffer} from 'node:buffer';
import {connect} from 'node:tls';
import {serverName, type TlsServer} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import {ciphersOfTls13, exporterLabel, exporterSize} from '../../../../protocol/login.ts';
import {listen, socketOptions} from './tcp-way.ts';
import type {Way, WayEvents} from './way.ts';

/** Begin to connect to `server` over TLS 1.3. */
export function openTls(server: TlsServer, events: WayEvents): Way {
  let isSecure = false;
  const socket = connect({
    ...socketOptions(server, events),
    minVersion: 'TLSv1.3',
    ciphers: ciphersOfTls13.join(':'),
    // The connection itself checks the token or the fingerprint. A session is never resumed: then there would be no
    // certificate to check.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  listen(socket, {
    ...events,
    failed: error => events.failed(isSecure ? error : handshakeError(server, error)),
  });
  socket.once('secureConnect', () => {
    isSecure = true;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) {
      events.failed(
        new JangadaError('untrusted', `${displayName(serverName(server))} shows no certificate`),
      );
      return;
    }

    events.open({
      fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      exporter: socket.exportKeyingMaterial(exporterSize, exporterLabel, Buffer.alloc(0)),
    });
  });
  return socket;
}

/** The error `untrusted` if the answer was not TLS 1.3. Other errors stay as they are. */
function handshakeError(server: TlsServer, error: Error): Error {
  const code = systemErrorCode(error) ?? '';
  if (!/^ERR_SSL|^ERR_TLS|^EPROTO/.test(code)) {
    return error;
  }

  const why = /WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD/.test(code)
    ? 'it does not speak TLS'
    : /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)
      ? 'it offers no TLS 1.3'
      : `the TLS handshake failed (${displayName(code)})`;
  return new JangadaError(
    'untrusted',
    `No safe connection to ${displayName(serverName(server))}: ${why}. Nothing was sent. ` +
      'Check the address: for a server without TLS it begins with jangada://',
    {cause: error, brief: why},
  );
}
