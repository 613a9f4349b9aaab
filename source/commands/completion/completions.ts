/** The completions for the cursor of a `jangada` command line, made from the catalogues of commands and options. */
import {
  type Answer,
  type Candidate,
  localFiles,
  localFolders,
  nothing,
  plainWords,
  wordsOf,
} from '../../../protocol/completion/answer.ts';
import {shells} from '../../../protocol/completion/scripts.ts';
import {priorities} from '../../transfers/terms/priority.ts';
import {
  type CommandGroup,
  type CommandName,
  commandGroups,
  commandOf,
  commandWords,
  groupWords,
  looksLikeAddress,
} from '../arguments/catalogue.ts';
import {flagOf, optionNames, optionOf} from '../arguments/option-catalogue.ts';
import {type Asked, askedIn, wordsIn} from './asked.ts';

/** @param words after the name of the program; the last is the word at the cursor. */
export async function completions(
  words: ReadonlyArray<string | undefined>,
  environment: NodeJS.ProcessEnv,
): Promise<Answer> {
  const asked = askedIn(words);
  const {begun, place, raw} = asked;
  switch (place.is) {
    case 'option':
      return wordsOf(optionsOf(place.ofCommand, asked), begun);
    case 'value':
      return await valuesOf(asked, environment);
    case 'command':
      // An address opens the full screen.
      return looksLikeAddress(begun)
        ? await servers(begun, environment)
        : wordsOf([...firstWords(), {text: 'help', about: 'the help of a command'}], begun);
    case 'command of a group':
      return wordsOf(candidatesIn(place.group), begun);
    case 'topic':
      return wordsOf(place.group === undefined ? topics() : candidatesIn(place.group), begun);
    case 'argument':
      return await argumentsOf(place.ofCommand, place.index, {...asked, raw}, environment);
    case 'nothing':
      return nothing;
  }
}

function firstWords(): Candidate[] {
  return [
    ...commandWords
      .filter(word => !word.includes(' '))
      .map(word => ({text: word, about: commandOf(word).summary})),
    ...groupWords.map(group => ({text: group, about: commandGroups[group]})),
  ];
}

function topics(): Candidate[] {
  return [
    ...firstWords(),
    {text: 'options', about: 'all options, and the commands that take them'},
  ];
}

function candidatesIn(group: CommandGroup): Candidate[] {
  return wordsIn(group).map(({word, command}) => ({text: word, about: commandOf(command).summary}));
}

function optionsOf(command: CommandName | undefined, {raw, begun}: Asked): Candidate[] {
  const own = command === undefined ? commandOf('open').options : commandOf(command).options;
  const summaries = commandOf(command ?? 'open').summaries ?? {};
  const names = optionNames.filter(
    name => name === 'help' || (name === 'version' && command === undefined) || own.includes(name),
  );
  return names
    .filter(name => raw[name] === undefined || name === 'server')
    .flatMap(name => {
      const {short, summary} = optionOf(name);
      const about = summaries[name] ?? summary;
      const letter = short === undefined || begun !== `-${short}` ? [] : [`-${short}`];
      return [...letter, flagOf(name)].map(text => ({text, about}));
    });
}

async function valuesOf({begun, place}: Asked, environment: NodeJS.ProcessEnv): Promise<Answer> {
  if (place.is !== 'value') {
    return nothing;
  }

  const {values} = optionOf(place.of);
  switch (values) {
    case undefined:
      return nothing;
    case 'file':
      return localFiles;
    case 'folder':
      return localFolders;
    case 'server':
      return withPrefix(await servers(begun, environment), place.prefix);
    default:
      return withPrefix(plainWords(values, begun), place.prefix);
  }
}

function withPrefix(answer: Answer, prefix: string): Answer {
  return {...answer, words: answer.words.map(word => ({...word, text: prefix + word.text}))};
}

async function servers(begun: string, environment: NodeJS.ProcessEnv): Promise<Answer> {
  const {knownAddresses} = await import('./servers-and-names.ts');
  return wordsOf(knownAddresses(begun, environment), begun);
}

async function argumentsOf(
  command: CommandName,
  index: number,
  asked: Asked,
  environment: NodeJS.ProcessEnv,
): Promise<Answer> {
  const {begun, raw} = asked;
  const {argument, instead} = commandOf(command);
  switch (argument) {
    case 'ADDRESS':
      return await servers(begun, environment);
    case 'SHELL':
      return plainWords(shells, begun);
    case 'PATH':
    case 'FILE':
    case 'MASK': {
      if (instead !== undefined && raw[instead] !== undefined) {
        // Names in a list of checksums: no server is asked.
        return nothing;
      }

      const {remoteNames} = await import('./servers-and-names.ts');
      return {kind: 'words', words: await remoteNames(command, asked, environment)};
    }

    case 'HOW or ID':
      return index === 0 ? plainWords(priorities, begun) : await ids(command, asked, environment);
    case 'ID or N':
      return index === 0 ? await ids(command, asked, environment) : nothing;
    case 'ID':
      return await ids(command, asked, environment);
    default:
      return nothing;
  }
}

async function ids(
  command: CommandName,
  {begun}: Asked,
  environment: NodeJS.ProcessEnv,
): Promise<Answer> {
  const {queueIds} = await import('../fetching.ts');
  return wordsOf(queueIds(command, environment), begun);
}
