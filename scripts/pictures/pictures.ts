/**
 * `npm run pictures`: makes the pictures of the README with the real program: each as SVG and PNG, dark and light, and the
 * tour as an animated SVG.
 */
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Resvg} from '@resvg/resvg-js';
import {shades} from './colours.ts';
import {draw} from './draw.ts';
import {travel} from './journey.ts';

const folder = path.join(import.meta.dirname, '..', '..', 'pictures');
/** PNG pixels for each SVG pixel, so that the PNG is sharp on high-resolution screens, too. */
const zoom = 2;

await mkdir(folder, {recursive: true});
for (const shade of shades) {
  const {tour, stills} = await travel({columns: 110, rows: 30}, shade);
  for (const [name, frame] of Object.entries(stills)) {
    const svg = draw([frame], shade);
    await writeFile(path.join(folder, `${name}-${shade}.svg`), svg);
    await writeFile(path.join(folder, `${name}-${shade}.png`), pngOf(svg));
  }

  await writeFile(path.join(folder, `tour-${shade}.svg`), draw(tour, shade));
  console.error(`Made pictures of ${tour.length} ${shade} screens in ${folder}`);
}

function pngOf(svg: string): Uint8Array {
  const font = {loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans Mono'};
  return new Resvg(svg, {font, fitTo: {mode: 'zoom', value: zoom}}).render().asPng();
}
