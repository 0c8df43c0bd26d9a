import { useEffect, useRef, type ReactElement } from "react";
import "vestibule-embed";
import type { VestibuleAppointment, VestibuleBook } from "vestibule-embed";
import "vestibule-embed/react";

export interface BookAppointmentProps {
  server: string;
  business: string;
  service?: string;
  person?: { name: string; email: string };
  onBooked: (appointment: VestibuleAppointment) => void;
}

/** Booking in a page of a React application; the person who is signed in need not type who they are. */
export function BookAppointment({ server, business, service, person, onBooked }: BookAppointmentProps): ReactElement {
  const book = useRef<VestibuleBook>(null);
  const told = useRef(onBooked);
  told.current = onBooked;

  useEffect(() => {
    const element = book.current;
    const listener = ({ detail }: CustomEvent<VestibuleAppointment>) => told.current(detail);
    element?.addEventListener("vestibule-booked", listener);
    return () => element?.removeEventListener("vestibule-booked", listener as EventListener);
  }, []);

  return (
    <vestibule-book
      ref={book}
      server={server}
      business={business}
      {...(service ? { service } : {})}
      {...(person ? { name: person.name, email: person.email } : {})}
    >
      <a href={`${server}/book/${business}`}>Book an appointment</a>
    </vestibule-book>
  );
}
