import {displayName} from '../protocol/display-text.ts';

/** In plain words, who can reach a server that listens on `host`. */
export function audienceOf(host: string): string {
  if (/^127\.|^::1(?:%.*)?$|^localhost$/i.test(host)) {
    return 'programs on this machine alone';
  }

  return host === '0.0.0.0' || host === '::'
    ? 'everybody who can reach this machine, without a password or encryption'
    : `everybody who can reach ${displayName(host)}, without a password or encryption`;
}
