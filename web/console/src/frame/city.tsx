import { useSpeech } from '../i18n/index.ts';
import { useSession } from '../session/session.tsx';

/** The city that this hub serves, beside the product's name. */
export function CityName() {
  const { me } = useSession();
  const { say } = useSpeech();
  const city = (me as { city?: { name: { zh: string; en: string } } }).city;
  return city ? <span className="brand-city">{say(city.name)}</span> : null;
}
