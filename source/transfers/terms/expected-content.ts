/** The content that a file must have, known from another source than its server. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

export type ExpectedContent =
  /** The SHA-256 of all bytes. It can be checked once all bytes have arrived. */
  | {readonly kind: 'sha256'; readonly hex: string}
  /** The root digest. It can be checked before any block has arrived. */
  | {readonly kind: 'root'; readonly algorithm: DigestAlgorithm; readonly hex: string};

export type ExpectedRoot = Extract<ExpectedContent, {kind: 'root'}>;

/** Only names: reading a command line must not load the code that computes digests. */
const algorithms = Object.values({
  blake3: 'blake3',
  sha256: 'sha256',
} as const satisfies Record<DigestAlgorithm, DigestAlgorithm>);

/** The forms of an expected content, as text for the user. */
export const expectedForms = `sha256:HEX or root:ALGORITHM:HEX, with 64 hexadecimal digits and ${algorithms.join(' or ')} as ALGORITHM`;

/** `sha256:HEX` or `root:ALGORITHM:HEX`; undefined for any other text. */
export function readExpectedContent(text: string): ExpectedContent | undefined {
  const {whole, name, hex = ''} = form.exec(text)?.groups ?? {};
  if (whole !== undefined) {
    return {kind: 'sha256', hex: hex.toLowerCase()};
  }

  const algorithm = algorithms.find(known => known === name);
  return algorithm === undefined ? undefined : {kind: 'root', algorithm, hex: hex.toLowerCase()};
}

/**
 * The same, with an error for invalid text.
 *
 * @throws JangadaError `usage`.
 */
export function parseExpectedContent(text: string): ExpectedContent {
  const expected = readExpectedContent(text);
  if (expected === undefined) {
    throw new JangadaError(
      'usage',
      `Invalid expected content '${displayName(text)}': use ${expectedForms}`,
    );
  }

  return expected;
}

export function formatExpectedContent(expected: ExpectedContent): string {
  return expected.kind === 'sha256'
    ? `sha256:${expected.hex}`
    : `root:${expected.algorithm}:${expected.hex}`;
}

/** The error for a file that has `actual` instead of `expected`. @param then the end of the sentence. */
export function unexpected(
  who: string,
  actual: ExpectedContent,
  expected: ExpectedContent,
  then = '',
): JangadaError {
  return new JangadaError(
    'unexpected',
    `${who} ${formatExpectedContent(actual)}, and ${formatExpectedContent(expected)} was expected${then}`,
  );
}

const form = /^(?:(?<whole>sha256)|root:(?<name>[a-z\d]+)):(?<hex>[\da-f]{64})$/i;
