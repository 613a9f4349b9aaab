import {displayName} from '../../protocol/display-text.ts';
import {absolutePath} from '../../protocol/program/local-path.ts';
import type {DoorOptions} from '../doors/open-door.ts';
import {usage} from './values.ts';

type GivenDoor = {
  tls: boolean | undefined;
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  tlsMin: string | undefined;
  insecure: boolean | undefined;
  tokenFile: string | undefined;
  token: boolean;
};

export function doorOptions(given: GivenDoor): DoorOptions {
  const {insecure, tls, tlsCert, tlsKey, tlsMin, token, tokenFile} = given;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usage('--tls-cert and --tls-key belong together: write both of them');
  }

  if (insecure && (tls || tlsCert !== undefined || tlsMin !== undefined)) {
    throw usage('--insecure turns TLS off: leave out --insecure or the TLS options');
  }

  if (tlsMin !== undefined && tlsMin !== '1.2' && tlsMin !== '1.3') {
    throw usage(`Invalid value '${displayName(tlsMin)}' for --tls-min: use 1.2 or 1.3`);
  }

  if (!token && tokenFile !== undefined) {
    throw usage('--no-token lets clients in without a token: leave out --no-token or --token-file');
  }

  return {
    ...(tls ? {tls} : {}),
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : {
          tlsFiles: {
            certificate: absolutePath(tlsCert, '--tls-cert'),
            key: absolutePath(tlsKey, '--tls-key'),
          },
        }),
    ...(tlsMin === '1.2' ? {allowsTls12: true} : {}),
    ...(insecure ? {insecure} : {}),
    ...(tokenFile === undefined ? {} : {tokenFile: absolutePath(tokenFile, '--token-file')}),
    ...(token ? {} : {noToken: true}),
  };
}
