import {download} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

const {file, outcome, bytes, root} = await download('fotos/2025/barco.jpg', `${folder}/barco.jpg`, {
  server,
});
console.log(`${file}: ${outcome}, ${bytes} bytes, ${root}`);
