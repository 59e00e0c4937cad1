/** SuperOffice's country ids are the numbers of ISO 3166 (578 is Norway, `GET User/currentPrincipal`). */
const COUNTRIES: [id: number, code: string, name: string, ...others: string[]][] = [
  [36, "AU", "Australia"],
  [40, "AT", "Austria", "Österreich"],
  [56, "BE", "Belgium", "Belgique", "België"],
  [124, "CA", "Canada"],
  [208, "DK", "Denmark", "Danmark"],
  [246, "FI", "Finland", "Suomi"],
  [250, "FR", "France"],
  [276, "DE", "Germany", "Deutschland"],
  [352, "IS", "Iceland", "Ísland"],
  [372, "IE", "Ireland"],
  [380, "IT", "Italy", "Italia"],
  [392, "JP", "Japan"],
  [528, "NL", "Netherlands", "Nederland"],
  [578, "NO", "Norway", "Norge"],
  [616, "PL", "Poland", "Polska"],
  [724, "ES", "Spain", "España"],
  [752, "SE", "Sweden", "Sverige"],
  [756, "CH", "Switzerland", "Schweiz", "Suisse"],
  [826, "GB", "United Kingdom", "UK", "England"],
  [840, "US", "United States", "USA", "U.S.A.", "United States of America"],
];

/** The list as `MDOList/country` tells it. */
export function countryList(): { id: number; name: string }[] {
  return COUNTRIES.map(([id, , name]) => ({ id, name }));
}

/** The carrier of a country by its id; undefined when the list has none such. */
export function countryWith(id: number): Record<string, unknown> | undefined {
  const found = COUNTRIES.find(([known]) => known === id);
  return found && countryNamed(found[2]);
}

/** The carrier of a country by any of its names; undefined when the list has none such. */
export function countryNamed(name: string): Record<string, unknown> | undefined {
  const wanted = name.trim().toLowerCase();
  const found = COUNTRIES.find(([, ...names]) => names.some((each) => each.toLowerCase() === wanted));
  if (!found) return undefined;
  const [CountryId, TwoLetterISOCountry, EnglishName] = found;
  return { CountryId, Name: EnglishName, EnglishName, TwoLetterISOCountry };
}
