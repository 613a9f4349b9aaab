/** The content that a file has to have, known from elsewhere than its server. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

export type ExpectedContent =
  /** The SHA-256 of all its bytes: known to be right once all have come. */
  | {readonly kind: 'sha256'; readonly hex: string}
  /** The root digest: known to be right before any block has come. */
  | {readonly kind: 'root'; readonly algorithm: DigestAlgorithm; readonly hex: string};

export type ExpectedRoot = Extract<ExpectedContent, {kind: 'root'}>;

/** Names alone: the code that computes the digests is not loaded to read a command line. */
const algorithms = Object.values({
  blake3: 'blake3',
  sha256: 'sha256',
} as const satisfies Record<DigestAlgorithm, DigestAlgorithm>);

/** The forms of an expected content, for people. */
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
 * The same, for one who has nothing else to go by.
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

/** The error for a file that has `actual` in place of `expected`. @param then the end of its sentence. */
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
