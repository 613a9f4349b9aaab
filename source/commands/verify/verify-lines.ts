/** The result of one comparison: a line for people, and a document for programs. */
import {displayName} from '../../../protocol/display-text.ts';
import {pathToWire} from '../../../protocol/remote-path.ts';
import type {VerifyReport} from '../../transfers/download/verify.ts';
import {
  type ExpectedContent,
  formatExpectedContent,
} from '../../transfers/terms/expected-content.ts';
import {count, formatRanges} from '../format.ts';

/** `NAME: verified, 8 blocks` or `NAME: differs, 1 of 8 blocks bad (blocks 3)`. */
function lineOf(name: string, report: VerifyReport, repaired?: number): string {
  const {blocks, bad, missing, equal} = report;
  const shown = displayName(name);
  if (equal) {
    const fetched = repaired === undefined ? '' : `repaired (${count(repaired, 'block')}) and `;
    return `${shown}: ${fetched}verified, ${count(blocks.length, 'block')}`;
  }

  const wrong = [
    ...(bad === 0
      ? []
      : [`${bad} of ${count(blocks.length, 'block')} bad (${which(blocks, 'bad')})`]),
    ...(missing === 0
      ? []
      : [`${missing} of ${count(blocks.length, 'block')} missing (${which(blocks, 'missing')})`]),
  ];
  return `${shown}: differs, ${wrong.join(', ')}`;
}

/** The line for a copy that was compared with the server's file and with the expected content. */
export function expectingLine(
  name: string,
  report: VerifyReport,
  repaired: number | undefined,
  expect: ExpectedContent | undefined,
): string {
  const {equal, expected, localSha256} = report;
  const line = lineOf(name, report, repaired);
  if (expect === undefined || expected === equal) {
    return line;
  }

  const wanted = formatExpectedContent(expect);
  return expected === true
    ? `${line}; the copy has the expected ${wanted}`
    : `${displayName(name)}: the same as on the server, with sha256:${localSha256}, and ${wanted} was expected`;
}

export function documentOf(report: VerifyReport, repaired: number | undefined): object {
  const {remotePath, localFile, blocks, equal, algorithm, localSize, remoteSize} = report;
  return {
    path: pathToWire(remotePath),
    local: localFile,
    equal,
    algorithm,
    localSize,
    remoteSize,
    blocks: blocks.length,
    badBlocks: indexesOf(blocks, 'bad'),
    missingBlocks: indexesOf(blocks, 'missing'),
    localRoot: report.localRoot,
    remoteRoot: report.remoteRoot,
    repairedBlocks: repaired ?? 0,
    // JSON leaves the field out if no content was expected.
    expected: report.expected,
  };
}

function which(blocks: VerifyReport['blocks'], verdict: 'bad' | 'missing'): string {
  const indexes = indexesOf(blocks, verdict);
  return `${indexes.length === 1 ? 'block' : 'blocks'} ${formatRanges(indexes)}`;
}

function indexesOf(blocks: VerifyReport['blocks'], verdict: 'bad' | 'missing'): number[] {
  return blocks.flatMap((found, index) => (found === verdict ? [index] : []));
}
