import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Answer} from '../../../protocol/completion/answer.ts';
import {complete} from '../../../protocol/completion/complete.ts';
import {quoteForPowerShell} from '../../../protocol/completion/powershell.ts';

const encode = (words: unknown) => Buffer.from(JSON.stringify(words)).toString('base64');

/** What the script gets for `words`, and the words that the program was asked about. */
async function ask(words: unknown, answer: Answer) {
  const asked: unknown[] = [];
  const text = await complete(['powershell', encode(words)], typed => {
    asked.push(...typed);
    return answer;
  });
  return {asked, text, parsed: JSON.parse(text) as unknown};
}

suite('completion for PowerShell', () => {
  test('the words come through base64, and null is a word that only the shell knows', async () => {
    const {asked} = await ask(['sget', null, 'é û', ''], {kind: 'words', words: []});
    assert.deepEqual(asked, ['sget', undefined, 'é û', '']);
  });

  test('the answer is one line of ASCII with each word, its quoted text, and what it is about', async () => {
    const {text, parsed} = await ask([''], {
      kind: 'folders',
      words: [{text: 'é 🚣.txt', about: 'a\u001bb'}, {text: 'plain'}],
    });
    assert.match(text, /^[ -~]+\n$/);
    assert.deepEqual(parsed, {
      kind: 'folders',
      words: [
        {text: 'é 🚣.txt', quoted: "'é 🚣.txt'", about: 'a\\x1bb'},
        {text: 'plain', quoted: 'plain', about: 'plain'},
      ],
    });
  });

  test('words that a terminal would not show as they are, and more than ten thousand, are left out', async () => {
    const {parsed} = await ask([''], {kind: 'words', words: [{text: 'a\nb'}, {text: ''}]});
    assert.deepEqual(parsed, {kind: 'words', words: []});
    const many = Array.from({length: 10_001}, (_, index) => ({text: `n${index}`}));
    assert.deepEqual((await ask([''], {kind: 'words', words: many})).parsed, {
      kind: 'words',
      words: [],
    });
  });

  test('what is not an array of texts, and an error, get an answer without words', async () => {
    const none = '{"kind":"words","words":[]}\n';
    for (const words of [{}, 'sget', [1], [['a']]]) {
      assert.equal(await complete(['powershell', encode(words)], () => assert.fail()), none);
    }

    assert.equal(await complete(['powershell', 'no base64'], () => assert.fail()), none);
    assert.equal(await complete(['powershell'], () => assert.fail()), none);
    const failing = () => Promise.reject(new Error('no server'));
    assert.equal(await complete(['powershell', encode([''])], failing), none);
  });

  test('a word is quoted unless PowerShell reads it as one text', () => {
    const plain = [
      'a',
      'é.txt',
      '/-rf',
      '--to=x.y',
      '-o',
      '--json',
      '12',
      'a/b',
      'jangada://h:41/a%20b',
    ];
    assert.deepEqual(plain.map(quoteForPowerShell), plain);
    const quoted = [
      'a b',
      'a,b',
      '1kb',
      '007',
      '-a.b',
      '@a',
      '#a',
      'a;b',
      'a$b',
      'a`b',
      '{a}',
      '!a',
      '(a)',
      'a|b',
      '.5',
    ];
    assert.deepEqual(
      quoted.map(quoteForPowerShell),
      quoted.map(text => `'${text}'`),
    );
    assert.equal(quoteForPowerShell("it's"), "'it''s'");
    assert.equal(quoteForPowerShell('it\u2019s'), "'it\u2019\u2019s'");
  });
});
