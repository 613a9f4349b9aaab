/** Transfers, files and reports to draw, and the text of their lines. */
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import type {BlockVerdict, VerifyReport} from '../../../../source/transfers/download/verify.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import type {FileRow} from '../../../../source/tui/model/files/files-view.ts';
import type {VerifierView} from '../../../../source/tui/model/verifier/verifier.ts';
import {asciiGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {chooseTheme} from '../../../../source/tui/terminal/theme.ts';
import type {Line} from '../../../../source/tui/view/line/span.ts';
import type {Look} from '../../../../source/tui/view/look.ts';

const theme = chooseTheme({});
export const unicode: Look = {glyphs: unicodeGlyphs, theme};
export const ascii: Look = {glyphs: asciiGlyphs, theme};
export const textOf = (line: Line): string => line.map(({text}) => text).join('');

export function transfer(
  state: TransferState,
  more: Partial<TransferSnapshot> = {},
): TransferSnapshot {
  return {
    id: 1,
    remotePath: parseRemotePath('fotos/big.bin'),
    target: '/downloads/big.bin',
    size: 2_100_000_000,
    receivedBytes: 0,
    verifiedBytes: 1_300_000_000,
    reusedBytes: 0,
    version: undefined,
    begunAnew: false,
    copiedBytes: 0,
    bytesPerSecond: 200_000_000,
    priority: 'normal',
    state,
    ...more,
  };
}

export const states: readonly TransferSnapshot[] = [
  transfer({name: 'queued'}),
  transfer({name: 'connecting'}),
  transfer({name: 'checking', checkedBytes: 41, totalBytes: 100}),
  transfer({name: 'copying', copiedBytes: 41, totalBytes: 100}),
  transfer({name: 'downloading'}),
  transfer({name: 'finishing'}),
  transfer({name: 'done', outcome: 'verified'}, {verifiedBytes: 2_100_000_000}),
  transfer({name: 'paused'}),
  transfer({name: 'failed', code: 'no_space', reason: 'The disk is full'}),
  transfer({name: 'canceled'}),
];

export const report = (blocks: BlockVerdict[], equal = false): VerifyReport => ({
  remotePath: parseRemotePath('f'),
  localFile: '/downloads/f',
  algorithm: 'sha256',
  localSize: 3,
  remoteSize: 3,
  blocks,
  good: blocks.filter(verdict => verdict === 'good').length,
  bad: blocks.filter(verdict => verdict === 'bad').length,
  missing: blocks.filter(verdict => verdict === 'missing').length,
  localRoot: 'a'.repeat(64),
  remoteRoot: 'b'.repeat(64),
  equal,
  expected: undefined,
  localSha256: undefined,
  compared: undefined,
});

/** The verifier after a comparison with `report`. */
export const compared = (report: VerifyReport): VerifierView => ({
  path: parseRemotePath('f'),
  begunAt: parseRemotePath('f'),
  copy: undefined,
  state: {name: 'compared', report},
  hash: {name: 'none'},
});

export const row: FileRow = {
  path: parseRemotePath('fotos/barco.jpg'),
  name: displayName('barco.jpg'),
  type: 'file',
  bytes: 7_510_000,
  mtimeMs: 1_736_674_860_000,
  size: displayName('7.51 MB'),
  changed: displayName('12 Jan'),
};
