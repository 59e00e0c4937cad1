const number = new Intl.NumberFormat("en");

/** 1,284 */
export const count = (n: number) => number.format(n);
/** "1 person", "12 people" */
export const people = (n: number) => (n === 1 ? "1 person" : `${count(n)} people`);
