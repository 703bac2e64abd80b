// Writes request.json: a random forest that is trained again at every run, on
// the year before it.
import { writeFileSync } from 'node:fs';
import ee from '@google/earthengine';
import { initialize } from './earthengine.mjs';

await initialize('my-project');

const end = ee.Date(new ee.ComputedObject(null, null, 'end'));
const bands = ['B2', 'B3', 'B4', 'B8'];
const image = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED')
  .filterDate(end.advance(-1, 'year'), end)
  .median();
const samples = image.select(bands).sampleRegions({
  collection: ee.FeatureCollection('projects/my-project/assets/training'),
  properties: ['landcover'],
  scale: 10,
});
const classifier = ee.Classifier.smileRandomForest(100).train({
  features: samples, classProperty: 'landcover', inputProperties: bands,
});

const request = {
  expression: JSON.parse(classifier.serialize()),
  description: 'land cover {date}',
  assetExportOptions: { earthEngineDestination: { name: 'projects/my-project/assets/landcover_{date}' } },
  arguments: { end: '{isodate}' },
};
writeFileSync('request.json', JSON.stringify(request));
