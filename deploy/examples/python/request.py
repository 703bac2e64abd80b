"""Writes request.json: a random forest that is trained again at every run, on the
year before it."""

import json

import ee

ee.Initialize(project='my-project')

end = ee.Date(ee.ComputedObject(None, None, 'end'))
bands = ['B2', 'B3', 'B4', 'B8']
image = (ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED')
         .filterDate(end.advance(-1, 'year'), end)
         .median())
samples = image.select(bands).sampleRegions(
    collection=ee.FeatureCollection('projects/my-project/assets/training'),
    properties=['landcover'],
    scale=10)
classifier = ee.Classifier.smileRandomForest(100).train(
    features=samples, classProperty='landcover', inputProperties=bands)

request = {
    'expression': json.loads(classifier.serialize()),
    'description': 'land cover {date}',
    'assetExportOptions': {'earthEngineDestination': {
        'name': 'projects/my-project/assets/landcover_{date}'}},
    'arguments': {'end': '{isodate}'},
}
with open('request.json', 'w') as file:
    json.dump(request, file)
