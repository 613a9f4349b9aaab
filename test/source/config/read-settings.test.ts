import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {readSettings} from '../../../source/config/read-settings.ts';

suite('the settings of a configuration', () => {
  test('are those of the file', () => {
    const settings = {
      $schema: './config.schema.json',
      theme: 'light',
      ascii: true,
      colours: {good: '#00FF7f', bad: 208, cursor: 'blueBright'},
      limits: {files: 2, connections: 16, speed: '1.5M'},
      onConflict: 'newer',
      notices: {title: false, bell: true},
    };
    const read = readSettings(JSON.stringify(settings));
    assert.deepEqual(read.mistakes, []);
    assert.deepEqual(read.settings, settings);
  });

  const wrong: ReadonlyArray<readonly [string, RegExp]> = [
    ['"theme": "drak"', /^"theme" cannot be "drak"\. Write one of "auto", "dark", "light"/],
    ['"ascii": "yes"', /^"ascii" cannot be "yes"\. Write true or false$/],
    ['"colours": {"good": "pink"}', /^"colours\.good" cannot be "pink"\. Write "#rrggbb"/],
    ['"colours": {"good": 256}', /^"colours\.good" cannot be 256\. Write "#rrggbb"/],
    ['"colours": {"god": 2}', /^unknown setting "colours\.god"\. Write "good"$/],
    ['"them": "dark"', /^unknown setting "them"\. Write "theme"$/],
    ['"zzzzzz": 1', /^unknown setting "zzzzzz"\. The settings are .*onConflict/],
    ['"limits": {"file": 1}', /^unknown setting "limits\.file"\. Write "files"$/],
    ['"limits": 4', /^"limits" cannot be 4\. Write names and values in \{ and \}$/],
    [
      '"limits": {"files": 17}',
      /^"limits\.files" cannot be 17\. Write a whole number from 1 to 16$/,
    ],
    ['"limits": {"speed": "fast"}', /^"limits\.speed" cannot be "fast"\. Write "500k"/],
    ['"limits": {"speed": 0}', /^"limits\.speed" cannot be 0\. Write "500k"/],
    ['"onConflict": null', /^"onConflict" cannot be null\. Write one of "ask"/],
    ['"notices": {"bell": 1}', /^"notices\.bell" cannot be 1\. Write true or false$/],
    ['"theme": "\\u001b[2J"', /cannot be "\\u001b\[2J"/],
    ['"keys": {"download": [1, 2, 3]}', /^"keys\.download" cannot be \[1,2,3\]/],
    ['"__proto__": 1', /^unknown setting "__proto__"/],
  ];
  for (const [line, message] of wrong) {
    test(`${line} is reported with its line and ignored, and the other settings count`, () => {
      const {settings, mistakes} = readSettings(`{\n"notices": {"title": false},\n${line}\n}`);
      assert.deepEqual(
        mistakes.filter(({message}) => !message.includes('twice')).map(({line}) => line),
        [3],
      );
      assert.match(mistakes.at(-1)?.message ?? '', message);
      if (!line.includes('notices')) {
        assert.deepEqual(settings.notices, {title: false});
      }
    });
  }

  test('several mistakes are all reported, by line', () => {
    const {mistakes, settings} = readSettings(
      '{\n"onConflict": 1,\n"limits": {\n"files": 0,\n"connections": 3\n},\n"theme": 2\n}',
    );
    assert.deepEqual(
      mistakes.map(({line}) => line),
      [2, 4, 7],
    );
    assert.deepEqual(settings, {limits: {connections: 3}});
  });

  test('a text that is not JSON, or not an object, has no settings', () => {
    for (const text of ['{"theme": "dark"', '[]', '3', '']) {
      const {settings, mistakes} = readSettings(text);
      assert.deepEqual(settings, {});
      assert.equal(mistakes.length, 1, text);
    }
  });
});
