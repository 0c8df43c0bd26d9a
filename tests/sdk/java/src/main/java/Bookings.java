import com.google.gson.JsonParser;
import com.microsoft.graph.models.AvailabilityItem;
import com.microsoft.graph.models.BookingAppointment;
import com.microsoft.graph.models.BookingAppointmentCollectionResponse;
import com.microsoft.graph.models.BookingBusiness;
import com.microsoft.graph.models.BookingCustomer;
import com.microsoft.graph.models.BookingCustomerInformation;
import com.microsoft.graph.models.BookingQuestionAssignment;
import com.microsoft.graph.models.BookingService;
import com.microsoft.graph.models.BookingsAvailabilityStatus;
import com.microsoft.graph.models.DateTimeTimeZone;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.solutions.bookingbusinesses.item.BookingBusinessItemRequestBuilder;
import com.microsoft.graph.solutions.bookingbusinesses.item.appointments.item.cancel.CancelPostRequestBody;
import com.microsoft.graph.solutions.bookingbusinesses.item.getstaffavailability.GetStaffAvailabilityPostRequestBody;
import com.microsoft.kiota.PeriodAndDuration;
import com.microsoft.kiota.authentication.AccessTokenProvider;
import com.microsoft.kiota.authentication.AllowedHostsValidator;
import com.microsoft.kiota.authentication.BaseBearerTokenAuthenticationProvider;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A program signs in with its secret, books, moves and cancels, all by the client of Graph. */
final class Bookings {
  /** Asks the token endpoint of a business here, once. */
  static final class SignedIn implements AccessTokenProvider {
    private final String token;

    SignedIn(String endpoint, String tenant, String client, String secret) throws Exception {
      String form =
          "grant_type=client_credentials&client_id=" + encoded(client) + "&client_secret=" + encoded(secret)
              + "&scope=" + encoded("https://graph.microsoft.com/.default");
      HttpRequest asked =
          HttpRequest.newBuilder(URI.create(endpoint + "/graph/" + tenant + "/oauth2/v2.0/token"))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(form))
              .build();
      HttpResponse<String> answer = HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString());
      token = JsonParser.parseString(answer.body()).getAsJsonObject().get("access_token").getAsString();
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public String getAuthorizationToken(URI address, Map<String, Object> more) {
      return token;
    }

    @Override
    public AllowedHostsValidator getAllowedHostsValidator() {
      return new AllowedHostsValidator("localhost");
    }
  }

  private final String endpoint;
  private final String tenant;
  private final String client;
  private final String secret;
  private final Map<String, Object> seen = new LinkedHashMap<>();

  Bookings(String endpoint, String tenant, String client, String secret) {
    this.endpoint = endpoint;
    this.tenant = tenant;
    this.client = client;
    this.secret = secret;
  }

  Map<String, Object> walk() throws Exception {
    GraphServiceClient graph =
        new GraphServiceClient(
            new BaseBearerTokenAuthenticationProvider(new SignedIn(endpoint, tenant, client, secret)));
    graph.getRequestAdapter().setBaseUrl(endpoint + "/graph/v1.0");
    BookingBusiness business = graph.solutions().bookingBusinesses().get().getValue().get(0);
    seen.put("business", business.getDisplayName());
    BookingBusinessItemRequestBuilder clinic =
        graph.solutions().bookingBusinesses().byBookingBusinessId(business.getId());
    BookingService service = simpleService(clinic);
    book(clinic, service, firstFree(clinic, service), customer(clinic));
    return seen;
  }

  private BookingCustomer customer(BookingBusinessItemRequestBuilder clinic) {
    BookingCustomer joni = new BookingCustomer();
    joni.setDisplayName("Joni Sherman");
    joni.setEmailAddress("jonis@relecloud.example");
    BookingCustomer made = (BookingCustomer) clinic.customers().post(joni);
    BookingCustomer wanted = new BookingCustomer();
    wanted.setDisplayName("Joni S.");
    clinic.customers().byBookingCustomerBaseId(made.getId()).patch(wanted);
    BookingCustomer again = (BookingCustomer) clinic.customers().byBookingCustomerBaseId(made.getId()).get();
    seen.put("customer", List.of(again.getDisplayName(), again.getEmailAddress()));
    return made;
  }

  private void book(
      BookingBusinessItemRequestBuilder clinic, BookingService service, LocalDateTime start, BookingCustomer joni)
      throws Exception {
    Duration length = service.getDefaultDuration().getDuration();
    BookingAppointment made = clinic.appointments().post(wish(service, start, joni));
    seen.put("booked", List.of(read(made.getStartDateTime()).equals(start), made.getFilledAttendeesCount()));
    seen.put("duration", made.getDuration().getDuration().equals(length));
    seen.put("taken", Walk.refused(() -> clinic.appointments().post(wish(service, start, joni))));
    seen.put("shown", starts(clinic, start, made.getId()).equals(List.of(start.toString())));
    BookingAppointment change = between(start.plus(length), length);
    change.setServiceNotes("Bring the report.");
    clinic.appointments().byBookingAppointmentId(made.getId()).patch(change);
    BookingAppointment told = clinic.appointments().byBookingAppointmentId(made.getId()).get();
    seen.put("moved", List.of(read(told.getStartDateTime()).equals(start.plus(length)), told.getServiceNotes()));
    CancelPostRequestBody why = new CancelPostRequestBody();
    why.setCancellationMessage("The clinic is closed.");
    clinic.appointments().byBookingAppointmentId(made.getId()).cancel().post(why);
    seen.put("afterwards", starts(clinic, start, made.getId()));
    BookingAppointment silent = clinic.appointments().post(wish(service, start, joni));
    clinic.appointments().byBookingAppointmentId(silent.getId()).delete();
    seen.put("gone", Walk.refused(() -> clinic.appointments().byBookingAppointmentId(silent.getId()).get()));
  }

  /** When an appointment is, as the calendar of its day shows it: pages of two, each asked for by the link of the last. */
  private List<String> starts(BookingBusinessItemRequestBuilder clinic, LocalDateTime near, String id) {
    List<BookingAppointment> all = new ArrayList<>();
    BookingAppointmentCollectionResponse page =
        clinic
            .calendarView()
            .get(
                asked -> {
                  asked.queryParameters.start = near.minusDays(30) + ":00Z";
                  asked.queryParameters.end = near.plusDays(30) + ":00Z";
                  asked.queryParameters.top = 2;
                });
    all.addAll(page.getValue());
    while (page.getOdataNextLink() != null) {
      seen.put("pages", true);
      page = clinic.calendarView().withUrl(page.getOdataNextLink()).get();
      all.addAll(page.getValue());
    }
    return all.stream()
        .filter(one -> one.getId().equals(id))
        .map(one -> read(one.getStartDateTime()).toString())
        .toList();
  }

  /** What is asked for, made anew each time: the library sends of what it sent before only what has changed. */
  private static BookingAppointment wish(BookingService service, LocalDateTime start, BookingCustomer joni) {
    BookingCustomerInformation who = new BookingCustomerInformation();
    who.setCustomerId(joni.getId());
    who.setName("Joni Sherman");
    BookingAppointment wish = between(start, service.getDefaultDuration().getDuration());
    wish.setServiceId(service.getId());
    wish.setStaffMemberIds(service.getStaffMemberIds().subList(0, 1));
    wish.setPreBuffer(PeriodAndDuration.ofDuration(Duration.ofMinutes(5)));
    wish.setCustomers(List.of(who));
    return wish;
  }

  private static BookingAppointment between(LocalDateTime start, Duration length) {
    BookingAppointment wish = new BookingAppointment();
    wish.setStartDateTime(zoned(start));
    wish.setEndDateTime(zoned(start.plus(length)));
    return wish;
  }

  /** A service for one person that asks nothing in particular. */
  private static BookingService simpleService(BookingBusinessItemRequestBuilder clinic) {
    for (BookingService one : clinic.services().get().getValue()) {
      BookingService service = clinic.services().byBookingServiceId(one.getId()).get();
      List<BookingQuestionAssignment> questions = service.getCustomQuestions();
      if (service.getMaximumAttendeesCount() == 1
          && questions.stream().noneMatch(each -> Boolean.TRUE.equals(each.getIsRequired()))) {
        return service;
      }
    }
    throw new IllegalStateException("the demonstration has no service that asks nothing");
  }

  /** When somebody who offers a service begins a day of work that is free for long, some days ahead. */
  private static LocalDateTime firstFree(BookingBusinessItemRequestBuilder clinic, BookingService service) {
    LocalDateTime today = LocalDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS);
    GetStaffAvailabilityPostRequestBody body = new GetStaffAvailabilityPostRequestBody();
    body.setStaffIds(service.getStaffMemberIds().subList(0, 1));
    body.setStartDateTime(zoned(today.plusDays(3)));
    body.setEndDateTime(zoned(today.plusDays(30)));
    Duration needed = service.getDefaultDuration().getDuration().multipliedBy(6);
    AvailabilityItem before = null;
    for (AvailabilityItem one :
        clinic.getStaffAvailability().post(body).getValue().get(0).getAvailabilityItems()) {
      LocalDateTime start = read(one.getStartDateTime());
      boolean isLong = Duration.between(start, read(one.getEndDateTime())).compareTo(needed) >= 0;
      if (isLong
          && one.getStatus() == BookingsAvailabilityStatus.Available
          && before != null
          && before.getStatus() == BookingsAvailabilityStatus.OutOfOffice) {
        return start;
      }
      before = one;
    }
    throw new IllegalStateException("nobody is free for a month");
  }

  private static DateTimeTimeZone zoned(LocalDateTime moment) {
    DateTimeTimeZone zoned = new DateTimeTimeZone();
    zoned.setDateTime(moment.truncatedTo(ChronoUnit.SECONDS).toString() + (moment.getSecond() == 0 ? ":00" : ""));
    zoned.setTimeZone("UTC");
    return zoned;
  }

  private static LocalDateTime read(DateTimeTimeZone told) {
    return LocalDateTime.parse(told.getDateTime().substring(0, 19));
  }
}
