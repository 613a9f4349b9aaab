/**
 * The settings of a configuration file. The JSON schema is made from this one; the `error` of a value completes the
 * sentence "Write …".
 */
import * as z from 'zod';
import {parseRate} from '../../protocol/program/parse-rate.ts';
import {conflictAnswers} from '../transfers/terms/conflict-policy.ts';

export const themeNames = ['auto', 'dark', 'light', 'high-contrast', 'mono'] as const;
export type ThemeName = (typeof themeNames)[number];

/** Roles of text on the screen that can have their own colour; `cursor` is the row with the cursor. */
export const toneNames = [
  'plain',
  'faint',
  'strong',
  'accent',
  'folder',
  'good',
  'warning',
  'bad',
  'frame',
  'frameActive',
  'cursor',
] as const;
export type ToneName = (typeof toneNames)[number];

const hues = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const colourNames = hues.flatMap(hue => [hue, `${hue}Bright`] as const);
const oneOf = (values: readonly string[]) =>
  `one of ${values.map(value => `"${value}"`).join(', ')}`;

const yesOrNo = (summary: string) =>
  z.boolean({error: 'true or false'}).describe(summary).optional();

const choice = <const Values extends readonly string[]>(values: Values, summary: string) =>
  z
    .enum(values, {error: oneOf(values)})
    .describe(summary)
    .optional();

const atOnce = (summary: string) => {
  const error = 'a whole number from 1 to 16';
  return z.int({error}).min(1, {error}).max(16, {error}).describe(summary).optional();
};

const colourError = '"#rrggbb", a number from 0 to 255, or a name like "red" or "redBright"';
const colour = z.union(
  [
    z.enum(colourNames),
    z.string().regex(/^#[0-9a-fA-F]{6}$/, {error: colourError}),
    z.int().min(0, {error: colourError}).max(255, {error: colourError}),
  ],
  {error: colourError},
);
export type Colour = z.infer<typeof colour>;

const speedError = '"500k", "10M", a whole number of bytes a second, or "none"';
const isSpeed = (text: string) => text === 'none' || parseRate(text) !== undefined;
const speed = z
  .union([z.int().min(1, {error: speedError}), z.string().refine(isSpeed, {error: speedError})], {
    error: speedError,
  })
  .describe('bytes a second that are received in all, as --limit')
  .optional();

const keysError = 'a list of keys: ["d", "f5"]';
const keys = z.array(z.string({error: keysError}), {error: keysError});

/** An object with only these values; `error` is for a value that is not an object. */
const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape, summary: string) =>
  z
    .strictObject(shape, {
      error: ({code}) => (code === 'invalid_type' ? 'names and values in { and }' : undefined),
    })
    .describe(summary);

/** @param actions names of the actions that can have keys. Default: any name; own-keys.ts checks them. */
export function settingsSchema(actions?: readonly string[]) {
  const action = actions === undefined ? z.string() : z.enum(actions);
  return section(
    {
      $schema: z.string({error: 'the address of a JSON schema'}).optional(),
      theme: choice(themeNames, 'colours of the full screen; auto: chosen by the background'),
      colours: section(
        Object.fromEntries(toneNames.map(tone => [tone, colour.optional()])) as Record<
          ToneName,
          z.ZodOptional<typeof colour>
        >,
        'your own colours, by the role of the text',
      ).optional(),
      ascii: yesOrNo(
        'draw with ASCII characters only; default: Unicode, where the terminal can show it',
      ),
      mouse: yesOrNo('use the mouse on the full screen: clicks and the wheel (default: true)'),
      screenReader: yesOrNo('write a sentence for each change, and draw nothing'),
      dates: choice(['relative', 'iso'], 'today 18:12, 3 Jan; or 2025-01-12 09:41'),
      sizes: choice(['decimal', 'binary'], '22.8 MB, or 21.7 MiB'),
      keys: z
        .partialRecord(action, keys, {error: 'actions and their keys in { and }'})
        .describe('keys of the full screen: for each action, the list of all its keys')
        .optional(),
      limits: section(
        {
          files: atOnce('files at once, as --files'),
          connections: atOnce('connections at once, as --connections'),
          speed,
        },
        'limits of parallel work and of speed',
      ).optional(),
      compress: choice(['auto', 'never'], 'whether the server may compress blocks, as --compress'),
      onConflict: choice(conflictAnswers, 'what to do about a local file that exists'),
      notices: section(
        {
          title: yesOrNo('the title of the window'),
          progress: yesOrNo('progress in the task bar'),
          desktop: yesOrNo('a desktop notification when long work has ended'),
          bell: yesOrNo('a bell instead, where the terminal shows no desktop notification'),
          clipboard: yesOrNo('copies of paths, in the clipboard of the terminal'),
        },
        'notices outside the text of the window',
      ).optional(),
    },
    'Settings of jangada',
  );
}

export type Settings = z.infer<ReturnType<typeof settingsSchema>>;

export type Colours = NonNullable<Settings['colours']>;
