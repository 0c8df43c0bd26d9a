import com.azure.core.exception.HttpResponseException;
import com.google.gson.GsonBuilder;
import com.microsoft.graph.models.odataerrors.ODataError;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The whole walk with Microsoft's libraries as they come, in one process; prints what each part has seen.
 *
 * <p>Takes two connection strings, the second of a stranger; where texts come from; and tenant, client id and secret of an
 * application that works with Bookings.
 */
public final class Walk {
  interface Part {
    Map<String, Object> walk() throws Exception;
  }

  interface Step {
    void take() throws Exception;
  }

  private Walk() {}

  public static void main(String[] given) {
    Map<String, Part> parts = new LinkedHashMap<>();
    Communication communication = new Communication(given[0], given[1]);
    parts.put("identity", communication::identity);
    parts.put("rooms", communication::rooms);
    parts.put("chat", new Talk(given[0])::walk);
    parts.put("sms", () -> communication.sms(given[2]));
    parts.put("email", communication::email);
    parts.put("bookings", new Bookings(Communication.endpoint(given[0]), given[3], given[4], given[5])::walk);
    Map<String, Object> seen = new LinkedHashMap<>();
    parts.forEach((name, part) -> seen.put(name, seenBy(part)));
    System.out.println(new GsonBuilder().serializeNulls().create().toJson(seen));
    System.exit(0); // The libraries keep threads of their own, which would keep the process.
  }

  private static Object seenBy(Part part) {
    try {
      return part.walk();
    } catch (Throwable wrong) {
      StringWriter words = new StringWriter();
      wrong.printStackTrace(new PrintWriter(words));
      return Map.of("failed", words.toString());
    }
  }

  /** Says how a step was refused: the status of HTTP and the code; null when it was not. */
  static Map<String, Object> refused(Step step) throws Exception {
    try {
      step.take();
      return null;
    } catch (HttpResponseException wrong) {
      return Map.of("status", wrong.getResponse().getStatusCode(), "said", wrong.getMessage());
    } catch (ODataError wrong) {
      return Map.of("status", wrong.getResponseStatusCode(), "said", wrong.getError().getCode());
    }
  }
}
