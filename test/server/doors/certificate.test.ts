import assert from 'node:assert/strict';
import {createPrivateKey, X509Certificate} from 'node:crypto';
import {suite, test} from 'node:test';
import {makeCertificate} from '../../../server/doors/certificate.ts';

suite('a certificate that a server makes for itself', () => {
  test('is signed with its own key, and never expires', () => {
    const made = makeCertificate();
    const certificate = new X509Certificate(made.certificate);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.key)));
    assert.equal(certificate.subject, 'CN=jangada-server');
    assert.equal(certificate.validToDate.getUTCFullYear(), 9999);
    assert.ok(certificate.validFromDate.getTime() <= 0);
  });

  test('differs each time, and has another serial number', () => {
    const certificates = Array.from(
      {length: 20},
      () => new X509Certificate(makeCertificate().certificate),
    );
    assert.equal(new Set(certificates.map(({serialNumber}) => serialNumber)).size, 20);
    assert.equal(new Set(certificates.map(({fingerprint256}) => fingerprint256)).size, 20);
  });
});
