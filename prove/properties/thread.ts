import { serveTasks } from '../threads.ts';
import { PROPERTIES } from './index.ts';
import { type Checked, type Checking, checkProperty } from './property.ts';

/** Which of {@link PROPERTIES} to check, and how. */
export type PropertyTask = readonly [index: number, checking: Checking];

serveTasks<PropertyTask, Checked>(async ([index, checking]) => {
  const property = PROPERTIES[index];
  if (!property) {
    throw new Error(`There is no property ${index}`);
  }
  return checkProperty(property, checking);
});
