import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {suite, test} from 'node:test';
import {MiB, startJourney} from './journey.ts';

const files = {
  'fotos/barco.jpg': randomBytes(2000),
  'fotos/praia.jpg': randomBytes(1000),
  'a.txt': 'aaa',
  'b.txt': 'b',
};
const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
];

suite('the mouse', () => {
  for (const size of sizes) {
    test(`clicks open folders, sort them, choose files and panes, and quit, at ${size.columns} x ${size.rows}`, async t => {
      const {server, jangada, saved} = await startJourney(t, {files});
      const terminal = jangada([server.address], size);
      // A row moves down if more of the folder arrives, so a click needs the whole folder.
      await terminal.waitFor(/ of 3 ─[\s\S]*b\.txt/);
      assert.equal(terminal.mouseMode, 'vt200', 'buttons and the wheel, and no moves');
      terminal.clickOn('b.txt');
      await terminal.waitFor(/▌ +b\.txt/);
      terminal.clickOn('Size');
      await terminal.waitFor(/Size ▲[\s\S]*b\.txt[\s\S]*a\.txt/);
      terminal.clickOn('Size');
      await terminal.waitFor(/Size ▼[\s\S]*a\.txt[\s\S]*b\.txt/);
      terminal.clickOn('fotos/', 2);
      await terminal.waitFor(/ of 2 ─[\s\S]*praia\.jpg/);
      terminal.clickOn('praia.jpg');
      await terminal.waitFor(/▌ +praia\.jpg/);
      terminal.type('d');
      await terminal.waitFor(/1 done/);
      assert.equal(saved('fotos/praia.jpg')?.length, 1000);
      terminal.clickOn('3 Transfers');
      await terminal.waitFor(/▌✓ praia\.jpg/);
      terminal.clickOn('1 Files');
      await terminal.waitFor(/▌ +praia\.jpg/);
      terminal.clickOn(' ..', 2);
      await terminal.waitFor(/▌ +fotos\//);
      terminal.clickOn('quit');
      assert.equal((await terminal.ended()).status, 0);
      terminal.assertRestored();
    });
  }

  test('the wheel scrolls the pane under it, 200 notches in one write', async t => {
    const many = Object.fromEntries(Array.from({length: 900}, (_, at) => [`f${100 + at}`, 'x']));
    const {server, jangada} = await startJourney(t, {files: many});
    const terminal = jangada([server.address]);
    await terminal.waitFor(/1 of 900 ─/);
    terminal.wheel(10, 10, 1);
    await terminal.waitFor(/▌ +f103/);
    terminal.wheel(10, 10, 199);
    await terminal.waitFor(/▌ +f700/);
    terminal.wheel(10, 10, -250);
    await terminal.waitFor(/1 of 900 ─/);
    terminal.type('q');
    await terminal.ended();
  });

  test('a mouse report that arrives in pieces counts once, and no report is typed into a line', async t => {
    const {server, jangada} = await startJourney(t, {files});
    const terminal = jangada([server.address]);
    await terminal.waitFor(/ of 3 ─[\s\S]*b\.txt/);
    terminal.send('\u001b[<0;10');
    // When the key after the report has its effect, the report was read.
    terminal.send(';6M\u001b[<0;10;6m');
    await terminal.waitFor(/▌ +b\.txt/);
    terminal.type('/');
    await terminal.waitFor(/Esc/);
    terminal.wheel(10, 10, 5);
    terminal.send('\u001b[<0;999999;1M\u001b[<;M\u001b[M !!');
    terminal.clickOn('Esc');
    terminal.type('txt');
    const text = await terminal.waitFor(/filter 'txt'/);
    assert.match(text, /: txt/);
    terminal.press('escape');
    await terminal.waitFor(/q quit/);
    terminal.type('q');
    await terminal.ended();
    terminal.assertRestored();
  });

  test('a click chooses in a dialog', async t => {
    const {server, jangada} = await startJourney(t, {
      files: {'long.bin': randomBytes(3 * MiB)},
      server: {limit: MiB / 8},
    });
    const terminal = jangada([server.address]);
    await terminal.waitFor(/long\.bin/);
    terminal.type('d3');
    await terminal.waitFor(/▌.*long\.bin.*%/);
    terminal.type('x');
    await terminal.waitFor(/Cancel long\.bin\?/);
    terminal.clickOn('Keep');
    await terminal.waitFor(/canceled/);
    terminal.type('q');
    await terminal.ended();
  });

  for (const [how, words, config] of [
    ['--no-mouse', ['--no-mouse'], undefined],
    ['a configuration without it', [], '{"mouse": false}'],
  ] as const) {
    test(`with ${how} the terminal keeps the mouse`, async t => {
      const {server, jangada} = await startJourney(t, {
        files,
        ...(config === undefined ? {} : {config}),
      });
      const terminal = jangada([server.address, ...words]);
      await terminal.waitFor(/b\.txt/);
      assert.equal(terminal.mouseMode, 'none');
      terminal.type('q');
      await terminal.ended();
      assert.ok(!terminal.written.includes('\u001b[?1000'));
    });
  }

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    test(`a program that ${signal} ends gives the mouse back to the terminal`, async t => {
      const {server, jangada} = await startJourney(t, {files});
      const terminal = jangada([server.address]);
      await terminal.waitFor(/b\.txt/);
      assert.equal(terminal.mouseMode, 'vt200');
      terminal.kill(signal);
      await terminal.ended();
      terminal.assertRestored();
    });
  }
});
