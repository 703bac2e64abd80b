// Connects to Earth Engine with Application Default Credentials, or without any
// to the stand-in that EARTHENGINE_EMULATOR_HOST names.
import ee from '@google/earthengine';
import { GoogleAuth } from 'google-auth-library';

export async function initialize(project) {
  const emulator = process.env.EARTHENGINE_EMULATOR_HOST;
  if (!emulator) {
    const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/earthengine' });
    ee.data.setAuthToken('', 'Bearer', await auth.getAccessToken(), 3600, [], undefined, false);
  }
  await new Promise((resolve, reject) => ee.initialize(
    emulator && `http://${emulator}`, null, resolve, (message) => reject(new Error(message)), null, project,
  ));
}
