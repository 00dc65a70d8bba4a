// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.webconsole;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.osgi.framework.InvalidSyntaxException;

/// The page of the Web Console that lists and edits configurations, in a browser.
final class ConsolePage implements AutoCloseable {
  static final Path BROWSER = Path.of("/usr/bin/chromium");
  static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final By FORM = By.id("editorForm");

  private final ChromeDriver browser;
  private final WebDriverWait wait;
  private final String address;
  private int pictures;

  /// Opens the browser.
  ///
  /// @param address of the page
  /// @param profile a folder for what the browser keeps
  ConsolePage(String address, Path profile) {
    this.address = address;
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BROWSER.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--user-data-dir=" + profile);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    browser = new ChromeDriver(service, options);
    browser.manage().window().setSize(new Dimension(1280, 1600));
    wait = new WebDriverWait(browser, TIMEOUT);
    // The console asks for a name and a password
    URI console = URI.create(address);
    browser.get(address.replace(console.getAuthority(), "admin:admin@" + console.getAuthority()));
  }

  /// Shows the list.
  void open() {
    browser.get(address);
    waitFor("the list", () -> !browser.findElements(By.id("configTable")).isEmpty());
  }

  /// The titles in the list that begin with a text.
  List<String> titles(String beginning) {
    return browser.findElements(By.xpath("//table[@id='configTable']//td[2]")).stream()
        .map(cell -> cell.getText().strip().replaceFirst("com\\.example\\..*", ""))
        .filter(title -> title.startsWith(beginning))
        .toList();
  }

  /// Opens the form of a new configuration.
  void create(String title) {
    click(row(title), "ui-icon-plusthick");
  }

  /// Opens the form of a configuration.
  void edit(String title) {
    click(row(title), "ui-icon-pencil");
  }

  /// The title of the form.
  String formTitle() {
    return browser.findElement(By.className("ui-dialog-title")).getText();
  }

  /// The text of the form.
  String formText() {
    return browser.findElement(FORM).getText();
  }

  /// Writes into a field of the form.
  void write(String key, String value) {
    WebElement field = browser.findElement(By.name(key));
    if (field.getTagName().equals("select")) {
      new Select(field).selectByValue(value);
    } else {
      field.clear();
      field.sendKeys(value);
    }
  }

  /// Switches a field of the form over.
  void toggle(String key) {
    browser.findElement(By.cssSelector("input[type=checkbox][name='" + key + "']")).click();
  }

  /// Saves the form.
  void save() {
    press("Save");
  }

  /// Deletes the configuration whose form is open.
  void delete() {
    press("Delete");
    waitFor(
        "the question whether to delete",
        () -> {
          browser.switchTo().alert().accept();
          return true;
        });
  }

  /// Waits until something is so.
  void waitFor(String what, Condition condition) {
    wait.ignoring(WebDriverException.class)
        .withMessage(what)
        .until(
            _ -> {
              try {
                return condition.holds();
              } catch (InvalidSyntaxException e) {
                throw new AssertionError(e);
              }
            });
  }

  /// Takes a picture of the page.
  void picture(String name) throws IOException {
    Path folder = Path.of(System.getProperty("jitmem.screenshots"));
    Files.createDirectories(folder);
    Files.write(
        folder.resolve("%02d-%s.png".formatted(++pictures, name)),
        browser.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    browser.quit();
  }

  /// Something that is or is not so.
  interface Condition {
    /// Tells whether it is.
    boolean holds() throws InvalidSyntaxException;
  }

  /// The row of a title, which the PID follows in configurations that have no name hint.
  private WebElement row(String title) {
    String cell = "normalize-space(translate(td[2], '\u00A0', ' '))";
    String isNamed = "%1$s = '%2$s' or starts-with(%1$s, '%2$scom.')".formatted(cell, title);
    return browser.findElement(By.xpath("//table[@id='configTable']//tr[" + isNamed + "]"));
  }

  private void click(WebElement row, String icon) {
    row.findElement(By.className(icon)).click();
    waitFor("the form", () -> browser.findElement(FORM).isDisplayed());
  }

  private void press(String label) {
    browser
        .findElement(
            By.xpath(
                "//div[contains(@class,'ui-dialog-buttonset')]//button[normalize-space()='"
                    + label
                    + "']"))
        .click();
  }
}
