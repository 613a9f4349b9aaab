import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {parseRemotePath, type RemotePath} from '../../../../../protocol/remote-path.ts';
import type {FoundBatch} from '../../../../../source/transfers/download/search.ts';
import {Browser} from '../../../../../source/tui/model/files/browser.ts';
import {parentRow} from '../../../../../source/tui/model/files/files-view.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {until} from '../../../../fixtures/harness.ts';

/** A search whose batches the test gives. */
class Finding {
  readonly signal: AbortSignal;
  readonly #batches: Array<FoundBatch | 'end' | 'cut'> = [];
  #wake = Promise.withResolvers<void>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  give(...names: readonly string[]): void {
    const entries = names.map(name => ({
      ...{name: parseRemotePath(name), remotePath: parseRemotePath(name)},
      ...({type: 'file', size: 1, mtimeMs: 0} as const),
    }));
    this.#next({entries, refused: [], unsearched: [], moreUnsearched: 0});
  }

  end(...left: readonly RemotePath[]): void {
    const unsearched = left.map(remotePath => ({
      ...({remotePath, code: 'forbidden', reason: 'it may not read it'} as const),
    }));
    this.#next({entries: [], refused: [], unsearched, moreUnsearched: 0});
    this.#next('end');
  }

  /** Lose its connection. */
  cut(): void {
    this.#next('cut');
  }

  #next(batch: FoundBatch | 'end' | 'cut'): void {
    this.#batches.push(batch);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *batches(): AsyncGenerator<FoundBatch> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch === 'end') {
        return;
      } else if (batch === 'cut') {
        throw new JangadaError('connection_lost', 'It was lost');
      } else if (batch === undefined) {
        await this.#wake.promise;
      } else {
        yield batch;
      }
    }
  }
}

function startBrowser(t: TestContext, mostEntries?: number) {
  const findings: Finding[] = [];
  const repainter = new Repainter();
  const browser = new Browser(
    {
      async *list() {
        yield [{name: 'boats', type: 'folder', size: 0, mtimeMs: 0}];
      },
      find(_path, _masks, {signal}) {
        const finding = new Finding(signal);
        findings.push(finding);
        return finding.batches();
      },
      isConnected: () => true,
    },
    repainter,
    mostEntries === undefined ? {} : {mostEntries},
  );
  t.after(() => {
    browser.close();
    repainter.close();
  });
  browser.open(parseRemotePath(''));
  const names = () => browser.view().rows.map(row => (row === parentRow ? '..' : row.name));
  const shows = (...wanted: readonly string[]) => until(() => names().join() === wanted.join());
  const last = (): Finding => findings.at(-1) ?? assert.fail('nothing is searched for');
  return {browser, findings, shows, last};
}

const sail = {text: 'sail', masks: ['**/*sail*']};

suite('a search in the browser', () => {
  test('shows results as they arrive, and stays on the entry to which the user moved', async t => {
    const {browser, shows, last} = startBrowser(t);
    browser.find(sail);
    assert.equal(browser.view().loading, true);
    last().give('b/sail', 'c/sail');
    await shows('b/sail', 'c/sail');
    browser.move({by: 'row', count: 1});
    last().give('a/sail', 'sail');
    await shows('a/sail', 'b/sail', 'c/sail', 'sail');
    assert.equal(browser.current()?.path, 'c/sail');
    last().end(parseRemotePath('secret'));
    await until(() => !browser.view().loading);
    assert.deepEqual(browser.view().found, {
      ...{text: 'sail', count: 4, isStopped: false},
      unsearched: {count: 1, path: 'secret', reason: 'it may not read it'},
    });
  });

  test('that is stopped keeps its results, and gets no more', async t => {
    const {browser, shows, last} = startBrowser(t);
    browser.find(sail);
    last().give('a/sail');
    await shows('a/sail');
    assert.equal(browser.stopSearch(), true);
    last().give('late/sail');
    assert.equal(last().signal.aborted, true);
    assert.equal(browser.view().found?.isStopped, true);
    assert.equal(browser.view().loading, false);
    assert.equal(browser.stopSearch(), false);
    browser.leave();
    await shows('boats/');
    assert.equal(browser.view().found, undefined);
  });

  test('has the cursor on the row that was pointed at', async t => {
    const {browser, shows, last} = startBrowser(t);
    browser.find(sail);
    last().give('b/sail', 'c/sail', 'sail');
    await shows('b/sail', 'c/sail', 'sail');
    assert.equal(browser.pointAt(1), 'c/sail');
    assert.equal(browser.current()?.path, 'c/sail');
  });

  test('drops keys that wait for the folder on the screen', async t => {
    const {browser, shows, last} = startBrowser(t);
    let performed = 0;
    browser.open(parseRemotePath('boats'));
    browser.aim(() => performed++);
    assert.equal(browser.view().heldKeys, 1);
    browser.find(sail);
    last().give('sail');
    await shows('sail');
    last().end();
    await until(() => !browser.view().loading);
    assert.equal(performed, 0);
  });

  test('drops late entries of the search before it', async t => {
    const {browser, findings, shows, last} = startBrowser(t);
    browser.find(sail);
    browser.find({text: 'jib', masks: ['**/*jib*']});
    findings[0]?.give('late/sail');
    last().give('a/jib');
    await shows('a/jib');
    last().end();
    await until(() => !browser.view().loading);
    assert.equal(browser.view().found?.count, 1);
    assert.equal(findings[0]?.signal.aborted, true);
  });

  test('begins again when its connection is lost, unless it was stopped', async t => {
    const {browser, findings, shows, last} = startBrowser(t);
    browser.find(sail);
    last().give('a/sail');
    await shows('a/sail');
    last().cut();
    await until(() => findings.length === 2);
    last().give('a/sail', 'b/sail');
    await shows('a/sail', 'b/sail');
    assert.equal(browser.stopSearch(), true);
    browser.readOn();
    assert.equal(findings.length, 2);
  });

  test('keeps a limited number of results, counts the others, and says so', async t => {
    const {browser, shows, last} = startBrowser(t, 2);
    browser.find(sail);
    last().give('a/sail', 'b/sail', 'c/sail');
    await shows('a/sail', 'b/sail');
    last().give('d/sail');
    last().end();
    await until(() => !browser.view().loading);
    const {total, found, note} = browser.view();
    assert.deepEqual({total, count: found?.count, note}, {total: 2, count: 4, note: 'full'});
  });
});
