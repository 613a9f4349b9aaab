/** Finds the keys that sign S3 requests, in the same places as other S3 programs. */
import {readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/**
 * The credentials in the environment, or else of the profile AWS_PROFILE in the credentials file.
 *
 * @throws JangadaError `forbidden`, which names the places.
 */
export function findCredentials(environment: Environment): Credentials {
  const {AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret} = environment;
  if (id || secret) {
    return checked('the environment', id, secret, environment.AWS_SESSION_TOKEN);
  }

  const file = environment.AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws', 'credentials');
  const profile = environment.AWS_PROFILE || 'default';
  const values = profileIn(readText(file), profile);
  if (values === undefined) {
    throw new JangadaError(
      'forbidden',
      `No keys for S3 found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write [${displayName(profile)}] into ${displayName(file)}`,
    );
  }

  const {aws_access_key_id, aws_secret_access_key, aws_session_token} = values;
  return checked(
    `[${displayName(profile)}] of ${displayName(file)}`,
    aws_access_key_id,
    aws_secret_access_key,
    aws_session_token,
  );
}

function checked(where: string, id = '', secret = '', token = ''): Credentials {
  // Credentials are sent in headers, or sign requests, so they must be visible ASCII.
  const isText = (text: string) => /^[!-~]{1,4096}$/.test(text);
  if (!isText(id) || !isText(secret) || (token !== '' && !isText(token))) {
    throw new JangadaError(
      'forbidden',
      `The keys for S3 in ${where} are not complete, or contain characters that no key has`,
    );
  }

  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token === '' ? {} : {sessionToken: token}),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The error of `findCredentials` names a missing file with the other places.
    return '';
  }
}

/** The `name = value` lines below `[profile]`; undefined if there is no such section. */
function profileIn(text: string, profile: string): Record<string, string> | undefined {
  const lines = text.split(/\r?\n/).map(line => line.trim());
  const begin = lines.indexOf(`[${profile}]`);
  if (begin === -1) {
    return undefined;
  }

  const rest = lines.slice(begin + 1);
  const end = rest.findIndex(line => line.startsWith('['));
  const values: Record<string, string> = {};
  for (const line of end === -1 ? rest : rest.slice(0, end)) {
    const [, name, value] = /^([a-z_]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      values[name] = value;
    }
  }

  return values;
}
