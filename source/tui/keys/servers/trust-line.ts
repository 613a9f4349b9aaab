/** The line that asks the user to confirm the certificate of a new server. */
import type {Address} from '../../../../protocol/address.ts';
import type {CertificateError} from '../../../client/connection/certificate-error.ts';
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import {say} from '../../text/say.ts';

type Used = Pick<ServersParts, 'prompt' | 'open' | 'trust'>;

/** @param address of the server that showed the certificate; it is opened if the user trusts it. */
export function askForTrust(
  {open, prompt, trust}: Used,
  {address, certificate}: {address: Address; certificate: CertificateError},
): void {
  prompt.open({
    label: say`Trust it from now on?`,
    hint: say`yes, if jangada-server prints the same fingerprint there. Esc goes back`,
    text: '',
    check: typed => (isYes(typed) ? undefined : say`Type yes, or press Esc`),
    onEnter() {
      trust(certificate);
      open(address);
    },
  });
}

function isYes(text: string): boolean {
  return /^y(?:es)?$/i.test(text.trim());
}
