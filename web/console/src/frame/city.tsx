import { useQuery } from '@tanstack/react-query';
import { useSpeech } from '../i18n/index.ts';
import { signInQuery } from '../session/session.tsx';

/** The city that this hub serves, beside the product's name; nothing when the hub does not say. */
export function CityName() {
  const { say } = useSpeech();
  const city = useQuery(signInQuery).data?.city;
  return city ? <span className="brand-city">{say(city)}</span> : null;
}
